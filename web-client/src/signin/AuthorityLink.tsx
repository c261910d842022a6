import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { useTranslator } from "../i18n/i18n";

const path = "/ca.crt";

/** The local CA's certificate, which a phone installs once; nothing where an operator's own certificate is in use. */
export function AuthorityLink(): ReactNode {
  const { t } = useTranslator();
  const [isThere, setIsThere] = useState(false);
  useEffect(() => {
    fetch(path)
      .then((answer) => setIsThere(answer.ok))
      .catch(() => setIsThere(false));
  }, []);
  if (!isThere) return null;
  return (
    <p className="signin-authority">
      {t("signin.authorityWhy")}{" "}
      <a href={path} download="comms-ca.crt" data-testid="ca-link">
        {t("signin.authority")}
      </a>
    </p>
  );
}
