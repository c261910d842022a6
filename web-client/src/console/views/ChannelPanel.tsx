import { Empty } from "antd";
import type { ReactNode } from "react";
import { useEffect } from "react";
import { useTranslator } from "../../i18n/i18n";
import type { SessionKeeper } from "../../link/SessionKeeper";
import { readStored, writeStored } from "../../lib/storage";
import { useStore } from "../../lib/store";
import { MicrophoneNote } from "../../ptt/MicrophoneNote";
import type { ChannelBoard } from "../../voice/channelBoard";
import { useVoice } from "../../voice/VoiceContext";
import { AlertList } from "./AlertList";
import { ChannelCard } from "./ChannelCard";
import "./channels.css";
import { DialBox } from "./DialBox";

const joinedKey = "comms.monitored";

/** All channels of this account, incidents first. */
export function ChannelPanel({ session }: { session: SessionKeeper }): ReactNode {
  const { t } = useTranslator();
  const voice = useVoice();
  const board = useStore(voice.board);
  const slots = useStore(voice.slots);
  const account = useStore(voice.account);
  useRememberedChannels(board);
  const joined = slots.filter((channelId) => channelId !== null).length;
  return (
    <aside className="panel channel-panel" aria-label={t("console.channels")}>
      <header className="panel-head">
        <h2>{t("console.channels")}</h2>
        <span data-testid="joined-count">{t("console.channelCount", { joined, slots: slots.length })}</span>
      </header>
      <MicrophoneNote />
      <AlertList />
      <Refusal />
      <DialBox session={session} />
      <div className="panel-scroll">
        {account !== null && board.order.length === 0 && <Empty description={t("ptt.noChannels")} />}
        {board.order.map((id) => {
          const entry = board.byId[id];
          return entry === undefined ? null : <ChannelCard key={id} entry={entry} isJoined={slots.includes(id)} />;
        })}
      </div>
    </aside>
  );
}

/** Why the last order about a floor was not carried out. */
function Refusal(): ReactNode {
  const translator = useTranslator();
  const voice = useVoice();
  const refusal = useStore(voice.desk.refusal);
  return refusal === "" ? null : (
    <p className="channel-denial order-refusal" role="alert" data-testid="order-refusal">
      {translator.word("order", refusal)}
    </p>
  );
}

/** Monitors what was monitored last time; the first time the incident channels. */
function useRememberedChannels(board: ChannelBoard): void {
  const voice = useVoice();
  const isKnown = board.order.length > 0;
  useEffect(() => {
    if (!isKnown) return;
    const stored = readStored(joinedKey);
    const { order, byId } = voice.board.get();
    const wanted = stored === null ? order.filter((id) => byId[id]?.channel.kind === "incident") : stored.split(",");
    for (const id of wanted) if (order.includes(id)) voice.join(id);
    return voice.slots.subscribe(() => {
      writeStored(joinedKey, voice.slots.get().filter((id) => id !== null).join(","));
    });
  }, [voice, isKnown]);
}
