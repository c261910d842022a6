import type { CSSProperties, ReactNode } from "react";
import { useEffect } from "react";
import { useTranslator } from "../i18n/i18n";
import { useNow } from "../lib/useNow";
import type { BoardChannel } from "../voice/channelBoard";
import { useHold } from "../voice/useHold";
import { useVoice } from "../voice/VoiceContext";
import { countdownText, denialText, stateText } from "./describe";
import { remainingMs } from "./pttMachine";

/** The big round button: press and hold, or the space bar anywhere on the page. */
export function TalkButton({ entry }: { entry: BoardChannel }): ReactNode {
  const translator = useTranslator();
  const voice = useVoice();
  const { machine, channel } = entry;
  const hold = useHold(channel.id);
  useSpaceBar(channel.id);
  const now = useNow(voice.readClock, 250);
  const denial = denialText(translator, machine);
  const state = machine.state.name;
  return (
    <div className="talk">
      <p className="talk-denial" role="alert" data-testid="deny-reason">
        {denial ?? ""}
      </p>
      <button
        type="button"
        className="talk-button"
        data-testid="ptt-button"
        data-state={state}
        aria-pressed={machine.pressed}
        aria-label={`${stateText(translator, machine, channel.right)}: ${translator.name(channel)}`}
        {...hold}
      >
        <span className="talk-ring" aria-hidden="true" style={ringStyle(entry, now)} />
        <MicrophoneIcon />
        <span className="talk-state" role="status" data-testid="ptt-state" data-state={state}>
          {stateText(translator, machine, channel.right)}
        </span>
        <span className="talk-detail">
          {countdownText(translator, machine, now) ?? (state === "idle" ? translator.t("ptt.idleDetail") : "")}
        </span>
      </button>
    </div>
  );
}

/** How much of the talk limit is left, as the drawn part of the ring. */
function ringStyle({ machine }: BoardChannel, nowMs: number): CSSProperties {
  const { state } = machine;
  const leftMs = remainingMs(machine, nowMs);
  if (leftMs === null || state.name !== "granted" || state.limitAtMs === null) return {};
  const share = leftMs / Math.max(1, state.limitAtMs - state.sinceMs);
  return { background: `conic-gradient(#eafff1 ${Math.round(share * 360)}deg, transparent 0)` };
}

function useSpaceBar(channelId: string): void {
  const voice = useVoice();
  useEffect(() => {
    const down = (event: KeyboardEvent): void => {
      if (event.code !== "Space" || isTyping(event.target) || voice.loudspeaker.locked.get()) return;
      event.preventDefault();
      if (!event.repeat) voice.press(channelId);
    };
    const up = (event: KeyboardEvent): void => {
      if (event.code !== "Space" || isTyping(event.target) || voice.loudspeaker.locked.get()) return;
      event.preventDefault();
      voice.release(channelId, "keyUp");
    };
    window.addEventListener("keydown", down);
    window.addEventListener("keyup", up);
    return () => {
      window.removeEventListener("keydown", down);
      window.removeEventListener("keyup", up);
    };
  }, [voice, channelId]);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

function MicrophoneIcon(): ReactNode {
  return (
    <svg viewBox="0 0 24 24" className="talk-icon" aria-hidden="true">
      <rect x="8.5" y="2.5" width="7" height="12" rx="3.5" fill="currentColor" />
      <path d="M5 11.5a7 7 0 0 0 14 0M12 18.5V22M8.5 22h7" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" />
    </svg>
  );
}
