import type { ReactNode } from "react";
import { switchLanguage, useTranslator } from "../i18n/i18n";
import { AuthorityLink } from "./AuthorityLink";
import { CommsMark } from "./CommsMark";
import "./signin.css";

interface SignInCardProps {
  page: "ptt" | "console";
  title: string;
  children: ReactNode;
}

/** The card that sign-in and password change share. */
export function SignInCard({ page, title, children }: SignInCardProps): ReactNode {
  const { t, language } = useTranslator();
  return (
    <main className="signin" lang={language}>
      <section className="signin-card" aria-label={title}>
        <header className="signin-head">
          <CommsMark size={44} />
          <div>
            <h1>{page === "ptt" ? t("pttTitle") : t("consoleTitle")}</h1>
            <p>{t("productLine")}</p>
          </div>
          <button type="button" className="signin-language" data-testid="lang-switch" onClick={switchLanguage}>
            {t("language")}
          </button>
        </header>
        <h2>{title}</h2>
        {children}
        <AuthorityLink />
      </section>
    </main>
  );
}
