import { Button } from "antd";
import type { ReactNode } from "react";
import { useTranslator } from "../../i18n/i18n";
import { formatClock } from "../../lib/clock";
import { useStore } from "../../lib/store";
import { unitTitle } from "../../ptt/describe";
import { alertsOf } from "../../voice/alerts";
import "../../voice/emergency.css";
import { useVoice } from "../../voice/VoiceContext";
import { mayArbitrate } from "../model/arbitration";

/** Every emergency alert in the channels of this account, the newest first; who supervises a channel cancels there. */
export function AlertList(): ReactNode {
  const translator = useTranslator();
  const { t } = translator;
  const voice = useVoice();
  const board = useStore(voice.board);
  const account = useStore(voice.account);
  const alerts = alertsOf(board);
  if (alerts.length === 0) return null;
  return (
    <section className="alert-list" aria-label={t("emergency.list")}>
      <ul className="alerts" role="alert" data-testid="console-alerts" data-count={alerts.length}>
        {alerts.map(({ channelId, alert }) => {
          const channel = board.byId[channelId]?.channel;
          if (channel === undefined) return null;
          return (
            <li key={`${channelId} ${alert.unit.id}`} data-testid={`console-alert-${alert.unit.id}`}>
              <strong>{t("emergency.alert")}</strong>
              <span title={unitTitle(translator, alert.unit)}>
                {unitTitle(translator, alert.unit)} · {translator.name(channel)}
              </span>
              <time>{formatClock(alert.sinceMs)}</time>
              {(mayArbitrate(account, channel) || account?.unit?.id === alert.unit.id) && (
                <Button
                  size="small"
                  danger
                  data-testid={`console-alert-cancel-${alert.unit.id}`}
                  onClick={() => voice.desk.cancelEmergency(channelId, alert.unit.id)}
                >
                  {t("emergency.cancelShort")}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
