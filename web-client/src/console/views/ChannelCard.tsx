import { CustomerServiceOutlined, MutedOutlined, SoundOutlined } from "@ant-design/icons";
import { App, Button } from "antd";
import type { ReactNode } from "react";
import { useTranslator } from "../../i18n/i18n";
import { formatClock, formatElapsed } from "../../lib/clock";
import { useNow } from "../../lib/useNow";
import { countdownText, denialText, endedText, placeText, listenersText, stateText, unitTitle } from "../../ptt/describe";
import type { BoardChannel, Burst } from "../../voice/channelBoard";
import { useHold } from "../../voice/useHold";
import { useVoice } from "../../voice/VoiceContext";
import { CutOff, FloorQueue } from "./FloorQueue";

interface ChannelCardProps {
  entry: BoardChannel;
  isJoined: boolean;
}

const shownBursts = 3;

/** One channel: who talks, how many listen, monitor and talk. */
export function ChannelCard({ entry, isJoined }: ChannelCardProps): ReactNode {
  const translator = useTranslator();
  const { t } = translator;
  const voice = useVoice();
  const { message } = App.useApp();
  const { channel, floor, machine } = entry;
  const { talker } = floor;
  const state = machine.state.name;
  const denial = denialText(translator, machine);

  const toggle = (): void => {
    if (isJoined) voice.leave(channel.id);
    else if (!voice.join(channel.id)) void message.warning(t("console.slotsFull"));
  };

  return (
    <article
      className="channel-card"
      data-testid={`console-channel-${channel.id}`}
      data-state={state}
      data-kind={channel.kind}
      data-talking={talker !== null}
      data-emergency={floor.emergency}
      data-service={talker?.service}
    >
      <header>
        <h3>{translator.name(channel)}</h3>
        <span className="channel-number">{channel.number}</span>
        {channel.kind !== "service" && <span className="channel-kind">{translator.word("kind", channel.kind)}</span>}
        <span
          className="channel-listeners"
          title={listenersText(translator, floor.listeners)}
          data-testid={`console-listeners-${channel.id}`}
          data-count={floor.listeners}
        >
          <CustomerServiceOutlined aria-hidden="true" />
          <span className="spoken">{listenersText(translator, floor.listeners)}</span>
          <span aria-hidden="true">{floor.listeners}</span>
        </span>
      </header>
      <div className="channel-talker" data-testid={`console-talker-${channel.id}`} data-unit={talker?.id ?? ""}>
        {talker === null ? (
          <span className="channel-quiet" data-cut={floor.endedBecause !== ""} data-testid={`console-ended-${channel.id}`}>
            {endedText(translator, floor) ?? t("console.quiet")}
          </span>
        ) : (
          <>
            <strong>{talker.callSign}</strong>
            <span>{translator.name(talker)}</span>
            {floor.emergency && <span className="channel-emergency">{t("emergency.alert")}</span>}
            <Elapsed sinceMs={floor.sinceMs} />
            <CutOff entry={entry} />
          </>
        )}
      </div>
      <div className="channel-actions">
        <Button
          type={isJoined ? "primary" : "default"}
          ghost={isJoined}
          icon={isJoined ? <SoundOutlined /> : <MutedOutlined />}
          aria-pressed={isJoined}
          title={isJoined ? t("console.leave") : t("console.join")}
          data-testid={`console-join-${channel.id}`}
          data-joined={isJoined}
          onClick={toggle}
        >
          {isJoined ? t("console.joined") : t("console.join")}
        </Button>
        <HoldToTalk entry={entry} isJoined={isJoined} />
      </div>
      <p className="channel-denial" role="alert" data-testid={`console-deny-${channel.id}`}>
        {denial ?? ""}
      </p>
      <FloorQueue entry={entry} />
      <BurstHistory bursts={entry.bursts} />
    </article>
  );
}

/** Press and hold; the first talk on a channel also monitors it when a slot is free, so that answers are heard. */
function HoldToTalk({ entry, isJoined }: ChannelCardProps): ReactNode {
  const translator = useTranslator();
  const voice = useVoice();
  const { channel, machine } = entry;
  const { handlers } = useHold(channel.id);
  const now = useNow(voice.readClock, 250);
  const state = machine.state.name;
  const label = state === "idle" && channel.right !== "listen" ? translator.t("console.talk") : stateText(translator, machine, channel.right);
  return (
    <button
      type="button"
      className="hold"
      data-testid={`console-talk-${channel.id}`}
      data-state={state}
      data-right={channel.right}
      aria-pressed={machine.pressed}
      aria-label={translator.t("console.talkOn", { name: translator.name(channel) })}
      {...handlers}
      onPointerDown={(event) => {
        if (!isJoined && event.button === 0) voice.join(channel.id);
        handlers.onPointerDown(event);
      }}
    >
      {label}
      <small>{countdownText(translator, machine, now) ?? placeText(translator, machine)}</small>
    </button>
  );
}

function Elapsed({ sinceMs }: { sinceMs: number }): ReactNode {
  const voice = useVoice();
  const now = useNow(voice.readClock, 500);
  return <time>{formatElapsed(now - sinceMs)}</time>;
}

/** The last bursts: when, who, how long. */
function BurstHistory({ bursts }: { bursts: readonly Burst[] }): ReactNode {
  const translator = useTranslator();
  const ended = bursts.filter((burst) => burst.endMs !== null).slice(0, shownBursts);
  if (ended.length === 0) return null;
  return (
    <ol className="bursts" aria-label={translator.t("ptt.history")}>
      {ended.map((burst) => (
        <li key={`${burst.burstId}`} data-service={burst.talker.service}>
          <time>{formatClock(burst.sinceMs)}</time>
          <span>{unitTitle(translator, burst.talker)}</span>
          <em>{formatElapsed((burst.endMs ?? burst.sinceMs) - burst.sinceMs)}</em>
        </li>
      ))}
    </ol>
  );
}
