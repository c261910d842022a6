import { CloseOutlined, StepForwardOutlined, ThunderboltOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { ReactNode } from "react";
import { useTranslator } from "../../i18n/i18n";
import { formatElapsed } from "../../lib/clock";
import { useStore } from "../../lib/store";
import { useNow } from "../../lib/useNow";
import { unitTitle } from "../../ptt/describe";
import type { BoardChannel } from "../../voice/channelBoard";
import { useVoice } from "../../voice/VoiceContext";
import { mayArbitrate } from "../model/arbitration";

/** Who waits for the floor of a channel; who supervises it lets others go ahead, pre-empts for them or takes them out. */
export function FloorQueue({ entry }: { entry: BoardChannel }): ReactNode {
  const translator = useTranslator();
  const { t } = translator;
  const voice = useVoice();
  const account = useStore(voice.account);
  const waiting = useStore(voice.desk.queues)[entry.channel.id] ?? [];
  const now = useNow(voice.readClock, 1_000);
  const { id } = entry.channel;
  const { desk } = voice;
  if (!mayArbitrate(account, entry.channel)) {
    return entry.floor.waiting === 0 ? null : <p className="queue-count">{t("queue.count", { count: entry.floor.waiting })}</p>;
  }
  if (waiting.length === 0) return null;
  return (
    <ol className="queue" aria-label={t("queue.title")} data-testid={`console-queue-${id}`} data-count={waiting.length}>
      {waiting.map(({ requestId, unit, priority, emergency, sinceMs }, index) => {
        const name = unitTitle(translator, unit);
        return (
          <li key={requestId} data-testid={`console-waiting-${unit.id}`} data-service={unit.service} data-emergency={emergency}>
            <b>{index + 1}</b>
            <span title={t("queue.priority", { priority })}>{name}</span>
            {emergency && <em>{t("emergency.alert")}</em>}
            <time>{formatElapsed(now - sinceMs)}</time>
            <Button
              size="small"
              icon={<StepForwardOutlined rotate={-90} />}
              disabled={index === 0}
              title={t("queue.goAhead")}
              aria-label={t("queue.goAheadOf", { name })}
              data-testid={`console-go-ahead-${unit.id}`}
              onClick={() => desk.goAhead(id, requestId)}
            />
            <Button
              size="small"
              icon={<ThunderboltOutlined />}
              title={t("queue.preempt")}
              aria-label={t("queue.preemptFor", { name })}
              data-testid={`console-preempt-for-${unit.id}`}
              onClick={() => desk.preempt(id, requestId)}
            />
            <Button
              size="small"
              icon={<CloseOutlined />}
              title={t("queue.remove")}
              aria-label={t("queue.removeOf", { name })}
              data-testid={`console-remove-${unit.id}`}
              onClick={() => desk.remove(id, requestId)}
            />
          </li>
        );
      })}
    </ol>
  );
}

/** Ends another's talk. */
export function CutOff({ entry }: { entry: BoardChannel }): ReactNode {
  const { t } = useTranslator();
  const voice = useVoice();
  const account = useStore(voice.account);
  const { channel, floor } = entry;
  if (floor.talker === null || floor.talker.id === account?.unit?.id || !mayArbitrate(account, channel)) return null;
  return (
    <Button
      size="small"
      danger
      data-testid={`console-cut-${channel.id}`}
      title={t("queue.cutTitle")}
      onClick={() => voice.desk.preempt(channel.id, 0)}
    >
      {t("queue.cut")}
    </Button>
  );
}
