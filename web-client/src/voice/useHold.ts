import type { FocusEvent, KeyboardEvent, MouseEvent, PointerEvent } from "react";
import { useEffect, useRef } from "react";
import { log, reasonOf } from "../lib/log";
import type { Holder, HoldEvent } from "./hold";
import { stepHold } from "./hold";
import { useVoice } from "./VoiceContext";
import { watchLeaving } from "./watchLeaving";

export interface HoldHandlers {
  onPointerDown(event: PointerEvent<HTMLElement>): void;
  onPointerUp(event: PointerEvent<HTMLElement>): void;
  onPointerCancel(event: PointerEvent<HTMLElement>): void;
  onLostPointerCapture(event: PointerEvent<HTMLElement>): void;
  onKeyDown(event: KeyboardEvent<HTMLElement>): void;
  onKeyUp(event: KeyboardEvent<HTMLElement>): void;
  onBlur(event: FocusEvent<HTMLElement>): void;
  onContextMenu(event: MouseEvent<HTMLElement>): void;
}

export interface Hold {
  /** For the talk button. */
  handlers: HoldHandlers;
  /** For keys that arrive elsewhere on the page. */
  handle(event: HoldEvent): void;
}

/** Press and hold on a talk button: one pointer with capture, or the space bar. */
export function useHold(channelId: string): Hold {
  const voice = useVoice();
  const holder = useRef<Holder>(null);
  const handle = (event: HoldEvent): void => {
    const { holder: next, act } = stepHold(holder.current, event);
    holder.current = next;
    if (act?.name === "press") voice.press(channelId);
    if (act?.name === "release") voice.release(channelId, act.reason);
  };
  useEffect(
    () =>
      watchLeaving(() => {
        holder.current = null;
      }),
    [],
  );
  const lost = ({ pointerId }: PointerEvent<HTMLElement>): void => handle({ name: "pointerCancel", pointerId });
  return {
    handle,
    handlers: {
      onPointerDown(event) {
        handle({ name: "pointerDown", pointer: event });
        if (holder.current?.by === "pointer" && holder.current.id === event.pointerId) capture(event.currentTarget, event.pointerId);
      },
      onPointerUp: ({ pointerId }) => handle({ name: "pointerUp", pointerId }),
      onPointerCancel: lost,
      onLostPointerCapture: lost,
      onKeyDown(event) {
        if (event.code !== "Space") return;
        event.preventDefault();
        handle({ name: "keyDown", repeat: event.repeat });
      },
      onKeyUp(event) {
        if (event.code !== "Space") return;
        event.preventDefault();
        handle({ name: "keyUp" });
      },
      onBlur: () => handle({ name: "blur" }),
      onContextMenu: (event) => event.preventDefault(),
    },
  };
}

/** Keeps the pointer on the button while it is down; a pointer that is gone already has been released elsewhere. */
function capture(element: HTMLElement, pointerId: number): void {
  try {
    element.setPointerCapture(pointerId);
  } catch (thrown) {
    log("pointer", reasonOf(thrown));
  }
}
