import type { ReactNode } from "react";
import { useEffect } from "react";
import { switchLanguage, useTranslator } from "../i18n/i18n";
import { readStored, writeStored } from "../lib/storage";
import { useStore } from "../lib/store";
import type { SessionKeeper } from "../link/SessionKeeper";
import { LinkBadge } from "../voice/LinkBadge";
import { UnlockOverlay } from "../voice/UnlockOverlay";
import { useVoice } from "../voice/VoiceContext";
import { ChannelPicker } from "./ChannelPicker";
import { EmergencyBar } from "./EmergencyBar";
import { MicrophoneNote } from "./MicrophoneNote";
import "./ptt.css";
import { TalkButton } from "./TalkButton";
import { TalkerCard } from "./TalkerCard";
import { useWakeLock } from "./useWakeLock";

const selectedKey = "comms.channel";

/** The responder's phone: one channel at a time, heard on slot 0 and talked in with one big button. */
export function PttPage({ session }: { session: SessionKeeper }): ReactNode {
  const translator = useTranslator();
  const { t, language } = translator;
  const voice = useVoice();
  const board = useStore(voice.board);
  const slots = useStore(voice.slots);
  const account = useStore(voice.account);
  const locked = useStore(voice.loudspeaker.locked);
  useWakeLock(!locked);
  const selected = slots[0] ?? null;
  const entry = selected === null ? undefined : board.byId[selected];

  useEffect(() => {
    if (selected !== null || board.order.length === 0) return;
    const stored = readStored(selectedKey);
    const first = stored !== null && board.order.includes(stored) ? stored : board.order[0];
    if (first !== undefined) voice.join(first, 0);
  }, [voice, board, selected]);

  const select = (channelId: string): void => {
    writeStored(selectedKey, channelId);
    voice.join(channelId, 0);
  };

  const unit = account?.unit ?? null;
  const state = useStore(session.state);
  const signedIn = state.name === "signedIn" ? state.account.displayName : "";
  return (
    <main className="ptt" lang={language} data-service={unit?.service}>
      <header className="ptt-head">
        <div className="ptt-me">
          <strong>{unit?.callSign ?? account?.displayName ?? signedIn}</strong>
          <span>{unit === null ? "" : translator.name(unit)}</span>
        </div>
        <LinkBadge />
        <button type="button" className="ptt-tool" data-testid="lang-switch" onClick={switchLanguage}>
          {t("language")}
        </button>
        <button
          type="button"
          className="ptt-tool"
          data-testid="signout"
          aria-label={t("signout")}
          title={t("signout")}
          onClick={() => void session.signOut()}
        >
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="M10 4H5v16h5M14 8l4 4-4 4M18 12H9" />
          </svg>
        </button>
      </header>
      <ChannelPicker board={board} selected={selected} onSelect={select} />
      {entry === undefined ? (
        <p className="ptt-empty">{account === null ? t("link.connecting") : board.order.length === 0 ? t("ptt.noChannels") : ""}</p>
      ) : (
        <>
          <TalkerCard entry={entry} />
          <MicrophoneNote />
          <TalkButton entry={entry} />
          <EmergencyBar entry={entry} />
        </>
      )}
      <UnlockOverlay />
    </main>
  );
}
