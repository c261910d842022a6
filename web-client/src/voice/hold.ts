import type { ReleaseReason } from "../ptt/pttEvents";

/** What holds a talk button down: one pointer, or the space bar. Everything else is ignored until it lets go. */
export type Holder = { by: "pointer"; id: number; type: string } | { by: "key" } | null;

export interface PointerNews {
  pointerId: number;
  pointerType: string;
  isPrimary: boolean;
  /** 0 is touch contact, pen contact or the left mouse button. */
  button: number;
}

export type HoldEvent =
  | { name: "pointerDown"; pointer: PointerNews }
  | { name: "pointerUp" | "pointerCancel"; pointerId: number }
  | { name: "keyDown"; repeat: boolean }
  | { name: "keyUp" }
  | { name: "blur" };

export interface HoldStep {
  holder: Holder;
  /** What to do with the floor; null is nothing. */
  act: { name: "press" } | { name: "release"; reason: ReleaseReason } | null;
}

/** The one transition function. A second finger neither presses nor releases; the one that pressed does. */
export function stepHold(holder: Holder, event: HoldEvent): HoldStep {
  switch (event.name) {
    case "pointerDown":
      return pointerDown(holder, event.pointer);
    case "pointerUp":
    case "pointerCancel":
      return holder?.by === "pointer" && holder.id === event.pointerId ? letGo(event.name) : { holder, act: null };
    case "keyDown":
      return holder === null && !event.repeat ? { holder: { by: "key" }, act: { name: "press" } } : { holder, act: null };
    case "keyUp":
      return holder?.by === "key" ? letGo("keyUp") : { holder, act: null };
    case "blur":
      return holder === null ? { holder, act: null } : letGo("blur");
  }
}

function pointerDown(holder: Holder, { pointerId, pointerType, isPrimary, button }: PointerNews): HoldStep {
  if (button !== 0 || (holder !== null && !isStale(holder, pointerId, pointerType, isPrimary))) return { holder, act: null };
  return { holder: { by: "pointer", id: pointerId, type: pointerType }, act: { name: "press" } };
}

/** A pointer that goes down cannot be down, and the first finger of a new touch means that no other touches any more. */
function isStale(holder: NonNullable<Holder>, id: number, type: string, isPrimary: boolean): boolean {
  return holder.by === "pointer" && holder.type === type && (holder.id === id || isPrimary);
}

function letGo(reason: ReleaseReason): HoldStep {
  return { holder: null, act: { name: "release", reason } };
}
