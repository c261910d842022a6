import type { KeyboardEvent, MouseEvent, PointerEvent } from "react";
import { log, reasonOf } from "../lib/log";
import type { ReleaseReason } from "../ptt/pttEvents";
import { useVoice } from "./VoiceContext";

/** Keeps the pointer on the button while it is down; a pointer that is gone already has been released elsewhere. */
function capture(element: HTMLElement, pointerId: number): void {
  try {
    element.setPointerCapture(pointerId);
  } catch (thrown) {
    log("pointer", reasonOf(thrown));
  }
}

export interface HoldHandlers {
  onPointerDown(event: PointerEvent<HTMLElement>): void;
  onPointerUp(): void;
  onPointerCancel(): void;
  onLostPointerCapture(): void;
  onKeyDown(event: KeyboardEvent<HTMLElement>): void;
  onKeyUp(event: KeyboardEvent<HTMLElement>): void;
  onBlur(): void;
  onContextMenu(event: MouseEvent<HTMLElement>): void;
}

/** Press and hold on a talk button: pointer with capture, or the space bar while it has the focus. */
export function useHold(channelId: string | null): HoldHandlers {
  const voice = useVoice();
  const release = (reason: ReleaseReason): void => {
    if (channelId !== null) voice.release(channelId, reason);
  };
  return {
    onPointerDown(event) {
      if (event.button !== 0 || channelId === null) return;
      voice.press(channelId);
      capture(event.currentTarget, event.pointerId);
    },
    onPointerUp: () => release("pointerUp"),
    onPointerCancel: () => release("pointerCancel"),
    onLostPointerCapture: () => release("pointerCancel"),
    onKeyDown(event) {
      if (event.code !== "Space" || channelId === null) return;
      event.preventDefault();
      if (!event.repeat) voice.press(channelId);
    },
    onKeyUp(event) {
      if (event.code !== "Space") return;
      event.preventDefault();
      release("keyUp");
    },
    onBlur: () => release("blur"),
    onContextMenu: (event) => event.preventDefault(),
  };
}
