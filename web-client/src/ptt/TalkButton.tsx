import type { CSSProperties, ReactNode } from "react";
import { useEffect, useRef } from "react";
import { useTranslator } from "../i18n/i18n";
import { useNow } from "../lib/useNow";
import type { BoardChannel } from "../voice/channelBoard";
import type { Hold } from "../voice/useHold";
import { useHold } from "../voice/useHold";
import { useVoice } from "../voice/VoiceContext";
import { countdownText, denialText, placeText, stateText } from "./describe";
import { remainingMs } from "./pttState";

/** The big round button: press and hold, or the space bar anywhere on the page. */
export function TalkButton({ entry }: { entry: BoardChannel }): ReactNode {
  const translator = useTranslator();
  const voice = useVoice();
  const { machine, channel } = entry;
  const hold = useHold(channel.id);
  useSpaceBar(hold);
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
        {...hold.handlers}
      >
        <span className="talk-ring" aria-hidden="true" style={ringStyle(entry, now)} />
        <MicrophoneIcon />
        <span className="talk-state" role="status" data-testid="ptt-state" data-state={state}>
          {stateText(translator, machine, channel.right)}
        </span>
        <span className="talk-detail" role="status" data-testid="ptt-detail">
          {countdownText(translator, machine, now) ?? placeText(translator, machine) ?? (state === "idle" ? translator.t("ptt.idleDetail") : "")}
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

/** The space bar anywhere on the page. One that came through the button itself is known there already. */
function useSpaceBar(hold: Hold): void {
  const { loudspeaker } = useVoice();
  const newest = useRef(hold);
  newest.current = hold;
  useEffect(() => {
    const isOurs = (event: KeyboardEvent): boolean => event.code === "Space" && !isTyping(event.target) && !loudspeaker.locked.get();
    const down = (event: KeyboardEvent): void => {
      if (!isOurs(event)) return;
      event.preventDefault();
      newest.current.handle({ name: "keyDown", repeat: event.repeat });
    };
    const up = (event: KeyboardEvent): void => {
      if (!isOurs(event)) return;
      event.preventDefault();
      newest.current.handle({ name: "keyUp" });
    };
    window.addEventListener("keydown", down);
    window.addEventListener("keyup", up);
    return () => {
      window.removeEventListener("keydown", down);
      window.removeEventListener("keyup", up);
    };
  }, [loudspeaker]);
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
