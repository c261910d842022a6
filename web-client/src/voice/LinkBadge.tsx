import type { ReactNode } from "react";
import type { TextKey } from "../i18n/en";
import { useTranslator } from "../i18n/i18n";
import type { LinkSummary } from "./linkSummary";
import { useLinkSummary, useVoice } from "./VoiceContext";

const texts: Record<LinkSummary, TextKey> = {
  connected: "link.connected",
  connecting: "link.connecting",
  reconnecting: "link.reconnecting",
  voice: "link.voice",
  replaced: "link.replaced",
  outdated: "link.outdated",
};

/** Whether the page can hear and talk now, in a word and a colour. */
export function LinkBadge(): ReactNode {
  const { t } = useTranslator();
  const summary = useLinkSummary();
  const voice = useVoice();
  return (
    <span className="link-state" role="status" data-testid="link-state" data-state={summary}>
      {t(texts[summary])}
      {summary === "replaced" && (
        <button type="button" data-testid="link-resume" onClick={() => voice.signal.resume()}>
          {t("link.resume")}
        </button>
      )}
      {summary === "outdated" && (
        <button type="button" onClick={() => window.location.reload()}>
          {t("link.reload")}
        </button>
      )}
    </span>
  );
}
