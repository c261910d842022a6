import type { Translator } from "../i18n/i18n";
import { isTextKey } from "../i18n/i18n";
import type { ApiFailure } from "../link/ApiClient";

/** What went wrong, for the person at the form. The server's codes come first, then the status. */
export function failureText({ t }: Translator, failure: ApiFailure, waitSeconds: number): string {
  if (failure.reason === "unreachable") return t("signin.unreachable");
  const { status, code, detail } = failure.problem;
  if (isTextKey(code)) return t(code, { count: /\d+/.exec(detail)?.[0] ?? "8" });
  switch (status) {
    case 401:
      return t("signin.wrong");
    case 403:
      return t("signin.disabled");
    case 429:
      return waitSeconds > 0 ? t("signin.limited", { seconds: waitSeconds }) : t("signin.limitedPast");
    default:
      return t("signin.failed", { status, detail });
  }
}
