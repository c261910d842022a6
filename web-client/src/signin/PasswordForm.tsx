import type { FormEvent, ReactNode } from "react";
import { useState } from "react";
import { useTranslator } from "../i18n/i18n";
import type { SessionKeeper } from "../link/SessionKeeper";
import { failureText } from "./failureText";
import { SignInCard } from "./SignInCard";

/** The shortest password worth sending; the server has the last word. */
const minCharacters = 8;

interface PasswordFormProps {
  session: SessionKeeper;
  page: "ptt" | "console";
  /** The password just used to sign in, or "" after a reload. */
  oldPassword: string;
}

/** A first password must be replaced before anything else. */
export function PasswordForm({ session, page, oldPassword }: PasswordFormProps): ReactNode {
  const translator = useTranslator();
  const { t } = translator;
  const [old, setOld] = useState(oldPassword);
  const [next, setNext] = useState("");
  const [repeated, setRepeated] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (next.length < minCharacters) return setError(t("password.tooShort", { count: minCharacters }));
    if (next !== repeated) return setError(t("password.mismatch"));
    setBusy(true);
    setError("");
    const changed = await session.changePassword(old, next);
    setBusy(false);
    if (!changed.ok) setError(failureText(translator, changed.error, 30));
  };

  const field = (label: string, testId: string, value: string, set: (text: string) => void, complete: string) => (
    <label>
      <span>{label}</span>
      <input
        data-testid={testId}
        type="password"
        value={value}
        onChange={(event) => set(event.target.value)}
        autoComplete={complete}
        required
      />
    </label>
  );
  return (
    <SignInCard page={page} title={t("password.title")}>
      <form onSubmit={(event) => void submit(event)}>
        <p className="signin-why">{t("password.why")}</p>
        {oldPassword === "" && field(t("password.old"), "password-old", old, setOld, "current-password")}
        {field(t("password.new"), "password-new", next, setNext, "new-password")}
        {field(t("password.repeat"), "password-repeat", repeated, setRepeated, "new-password")}
        <p className="signin-error" role="alert" data-testid="password-error">
          {error}
        </p>
        <button type="submit" className="signin-submit" data-testid="password-submit" disabled={busy}>
          {t("password.submit")}
        </button>
        <button type="button" className="signin-plain" data-testid="signout" onClick={() => void session.signOut()}>
          {t("signout")}
        </button>
      </form>
    </SignInCard>
  );
}
