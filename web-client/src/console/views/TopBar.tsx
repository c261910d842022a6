import { LogoutOutlined, TranslationOutlined } from "@ant-design/icons";
import { Button, Tooltip } from "antd";
import type { ReactNode } from "react";
import { switchLanguage, useTranslator } from "../../i18n/i18n";
import { formatClock, nowMs } from "../../lib/clock";
import { useStore } from "../../lib/store";
import { useNow } from "../../lib/useNow";
import type { SessionKeeper } from "../../link/SessionKeeper";
import { CommsMark } from "../../signin/CommsMark";
import { LinkBadge } from "../../voice/LinkBadge";
import { useVoice } from "../../voice/VoiceContext";

/** Product, link, clock, language, who is signed in. */
export function TopBar({ session }: { session: SessionKeeper }): ReactNode {
  const { t, name, language } = useTranslator();
  const voice = useVoice();
  const account = useStore(voice.account);
  const now = useNow(nowMs, 500);
  const date = new Date(now).toLocaleDateString(language === "zh" ? "zh-CN" : "en-GB", {
    weekday: "short",
    month: "short",
    day: "numeric",
  });
  const unit = account?.unit ?? null;
  return (
    <header className="topbar">
      <CommsMark size={30} />
      <h1>{t("consoleTitle")}</h1>
      <LinkBadge />
      <span className="topbar-space" />
      <span className="topbar-date">{date}</span>
      <time className="topbar-clock" data-testid="clock">
        {formatClock(now)}
      </time>
      <span className="topbar-user" data-service={unit?.service}>
        <strong>{account?.displayName ?? ""}</strong>
        <span>{unit === null ? "" : `${unit.callSign} · ${name(unit)}`}</span>
      </span>
      <Button icon={<TranslationOutlined />} data-testid="lang-switch" onClick={switchLanguage}>
        {t("language")}
      </Button>
      <Tooltip title={t("signout")} placement="bottomRight">
        <Button
          icon={<LogoutOutlined />}
          aria-label={t("signout")}
          data-testid="signout"
          onClick={() => void session.signOut()}
        />
      </Tooltip>
    </header>
  );
}
