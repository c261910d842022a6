import type { FormEvent, ReactNode } from "react";
import { useEffect, useState } from "react";
import { useTranslator } from "../i18n/i18n";
import type { ApiFailure } from "../link/ApiClient";
import type { SessionKeeper } from "../link/SessionKeeper";
import { failureText } from "./failureText";
import { SignInCard } from "./SignInCard";

interface SignInFormProps {
  session: SessionKeeper;
  page: "ptt" | "console";
  ended: boolean;
  notAdmitted?: boolean;
  onSignedIn?(password: string): void;
}

/** User name and password; says what went wrong and how long to wait. */
export function SignInForm({ session, page, ended, notAdmitted = false, onSignedIn }: SignInFormProps): ReactNode {
  const translator = useTranslator();
  const { t } = translator;
  const [userName, setUserName] = useState("");
  const [password, setPassword] = useState("");
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [waitSeconds, setWaitSeconds] = useState(0);

  useEffect(() => {
    if (waitSeconds <= 0) return;
    const timer = window.setTimeout(() => setWaitSeconds(waitSeconds - 1), 1_000);
    return () => window.clearTimeout(timer);
  }, [waitSeconds]);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    const signedIn = await session.signIn(userName.trim(), password);
    setBusy(false);
    if (signedIn.ok) {
      onSignedIn?.(password);
      return;
    }
    setFailure(signedIn.error);
    if (signedIn.error.reason === "refused" && signedIn.error.problem.status === 429) {
      setWaitSeconds(signedIn.error.retryAfterSeconds || 30);
    }
  };

  return (
    <SignInCard page={page} title={t("signin.title")}>
      {notAdmitted ? (
        <NotAdmitted session={session} />
      ) : (
        <form onSubmit={(event) => void submit(event)}>
          <label>
            <span>{t("signin.user")}</span>
            <input
              data-testid="signin-user"
              value={userName}
              onChange={(event) => setUserName(event.target.value)}
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              required
            />
          </label>
          <label>
            <span>{t("signin.password")}</span>
            <span className="signin-secret">
              <input
                data-testid="signin-password"
                type={shown ? "text" : "password"}
                value={password}
                onChange={(event) => setPassword(event.target.value)}
                autoComplete="current-password"
                required
              />
              <button
                type="button"
                aria-label={shown ? t("signin.hidePassword") : t("signin.showPassword")}
                aria-pressed={shown}
                onClick={() => setShown(!shown)}
              >
                <EyeIcon crossed={shown} />
              </button>
            </span>
          </label>
          <p className="signin-error" role="alert" data-testid="signin-error">
            {failure !== null ? failureText(translator, failure, waitSeconds) : ended ? t("signin.ended") : ""}
          </p>
          <button type="submit" className="signin-submit" data-testid="signin-submit" disabled={busy || waitSeconds > 0}>
            {busy ? t("signin.busy") : t("signin.submit")}
          </button>
        </form>
      )}
    </SignInCard>
  );
}

function NotAdmitted({ session }: { session: SessionKeeper }): ReactNode {
  const { t } = useTranslator();
  return (
    <div className="signin-refused">
      <p role="alert" data-testid="signin-not-admitted">
        {t("signin.notDispatcher")}
      </p>
      <a className="signin-submit" href="/ptt">
        {t("signin.openPtt")}
      </a>
      <button type="button" className="signin-plain" data-testid="signout" onClick={() => void session.signOut()}>
        {t("signout")}
      </button>
    </div>
  );
}

function EyeIcon({ crossed }: { crossed: boolean }): ReactNode {
  return (
    <svg viewBox="0 0 24 24" width="22" fill="none" stroke="currentColor" strokeWidth="1.7" aria-hidden="true">
      <path d="M2 12s3.6-6.5 10-6.5S22 12 22 12s-3.6 6.5-10 6.5S2 12 2 12Z" />
      <circle cx="12" cy="12" r="3" />
      {crossed && <path d="M4 20 20 4" strokeLinecap="round" />}
    </svg>
  );
}
