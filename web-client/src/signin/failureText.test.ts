import { describe, expect, it } from "vitest";
import { translatorOf } from "../i18n/i18n";
import type { ApiFailure } from "../link/ApiClient";
import { failureText } from "./failureText";

function refusal(status: number, code = "", detail = ""): ApiFailure {
  return { reason: "refused", problem: { status, code, detail }, retryAfterSeconds: 0 };
}

describe("a failed sign-in", () => {
  const en = translatorOf("en");

  it.each([
    [refusal(401, "signIn.refused"), 0, "User name or password is wrong."],
    [refusal(429), 12, "Too many attempts. Try again in 12 s."],
    [refusal(429), 0, "Too many attempts. You may try again now."],
    [refusal(400, "password.tooShort", "At least 12 characters."), 0, "Use at least 12 characters."],
    [refusal(500, "", "Broken."), 0, "Sign-in failed (500). Broken."],
    [{ reason: "unreachable", detail: "fetch" } satisfies ApiFailure, 0, "The server cannot be reached."],
  ])("says what happened", (failure, waitSeconds, text) => {
    expect(failureText(en, failure, waitSeconds)).toBe(text);
  });

  it("says it in Chinese", () => {
    expect(failureText(translatorOf("zh"), refusal(400, "password.wrong"), 0)).toBe("当前密码错误。");
  });
});
