import type { ReactNode } from "react";
import { useTranslator } from "../i18n/i18n";
import { formatClock } from "../lib/clock";
import { useStore } from "../lib/store";
import { isInEmergency } from "../voice/alerts";
import type { BoardChannel } from "../voice/channelBoard";
import { LongPressButton } from "../voice/LongPressButton";
import { useVoice } from "../voice/VoiceContext";
import { unitTitle } from "./describe";

/** Who is in emergency in the selected channel, and the button that raises or cancels the own alert. */
export function EmergencyBar({ entry }: { entry: BoardChannel }): ReactNode {
  const translator = useTranslator();
  const { t } = translator;
  const voice = useVoice();
  const unit = useStore(voice.account)?.unit ?? null;
  const { floor, channel } = entry;
  const isActive = isInEmergency(floor, unit);
  return (
    <>
      {floor.alerts.length > 0 && (
        <ul className="alerts" role="alert" data-testid="alerts">
          {floor.alerts.map((alert) => (
            <li key={alert.unit.id} data-testid={`alert-${alert.unit.id}`}>
              <strong>{t("emergency.alert")}</strong>
              <span>{unitTitle(translator, alert.unit)}</span>
              <time>{formatClock(alert.sinceMs)}</time>
            </li>
          ))}
        </ul>
      )}
      {unit !== null && (
        <LongPressButton
          label={t(isActive ? "emergency.cancel" : "emergency.raise")}
          hint={t("emergency.hold")}
          testId="emergency"
          isActive={isActive}
          onAct={() => (isActive ? voice.desk.cancelEmergency(channel.id, unit.id) : voice.desk.raiseEmergency(channel.id))}
        />
      )}
    </>
  );
}
