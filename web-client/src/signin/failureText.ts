import type { Translator } from "../i18n/i18n";
import type { ApiFailure } from "../link/ApiClient";

/** What went wrong, for the person at the form. */
export function failureText({ t }: Translator, failure: ApiFailure, waitSeconds: number): string {
  if (failure.reason === "unreachable") return t("signin.unreachable");
  const { status, detail } = failure.problem;
  switch (status) {
    case 400:
      return detail || t("signin.wrong");
    case 401:
      return t("signin.wrong");
    case 403:
      return t("signin.disabled");
    case 429:
      return t("signin.limited", { seconds: waitSeconds });
    default:
      return t("signin.failed", { status, detail });
  }
}
