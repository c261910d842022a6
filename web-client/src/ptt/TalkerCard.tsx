import type { ReactNode } from "react";
import { useTranslator } from "../i18n/i18n";
import { formatElapsed } from "../lib/clock";
import { useStore } from "../lib/store";
import { useNow } from "../lib/useNow";
import type { BoardChannel } from "../voice/channelBoard";
import { useVoice } from "../voice/VoiceContext";
import { endedText, listenersText, unitTitle } from "./describe";

/** Who talks now in the selected channel, and how many hear it. */
export function TalkerCard({ entry }: { entry: BoardChannel }): ReactNode {
  const translator = useTranslator();
  const voice = useVoice();
  const account = useStore(voice.account);
  const now = useNow(voice.readClock, 500);
  const { floor, bursts } = entry;
  const { talker } = floor;
  const last = bursts.find((burst) => burst.endMs !== null);
  return (
    <section className="talker" data-active={talker !== null} data-emergency={floor.emergency} data-service={talker?.service} aria-live="polite">
      <div className="talker-who" data-testid="talker" data-unit={talker?.id ?? ""}>
        {talker === null ? (
          <>
            <span className="talker-none">{translator.t("ptt.noTalker")}</span>
            <span className="talker-ended" data-testid="ended-because">
              {endedText(translator, floor)}
            </span>
          </>
        ) : (
          <>
            <strong>{talker.callSign}</strong>
            <span className="talker-name">
              {translator.name(talker)}
              {talker.id === account?.unit?.id ? ` · ${translator.t("ptt.you")}` : ""}
            </span>
            <span className="talker-service">
              {floor.emergency ? translator.t("emergency.alert") : translator.word("service", talker.service)}
            </span>
          </>
        )}
      </div>
      <div className="talker-foot">
        <span data-testid="listeners" data-count={floor.listeners}>
          {listenersText(translator, floor.listeners)}
        </span>
        {floor.waiting > 0 && (
          <span className="talker-waiting" data-testid="waiting" data-count={floor.waiting}>
            {translator.t("queue.count", { count: floor.waiting })}
          </span>
        )}
        {talker !== null && <span className="talker-time">{formatElapsed(now - floor.sinceMs)}</span>}
        {talker === null && last !== undefined && (
          <span className="talker-last">
            {translator.t("ptt.lastHeard", { name: unitTitle(translator, last.talker) })}
          </span>
        )}
      </div>
    </section>
  );
}
