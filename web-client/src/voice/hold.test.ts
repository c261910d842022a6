import { describe, expect, it } from "vitest";
import type { HoldEvent, Holder } from "./hold";
import { stepHold } from "./hold";

function down(pointerId: number, change: { isPrimary?: boolean; button?: number; pointerType?: string } = {}): HoldEvent {
  return { name: "pointerDown", pointer: { pointerId, pointerType: "touch", isPrimary: true, button: 0, ...change } };
}

const up = (pointerId: number): HoldEvent => ({ name: "pointerUp", pointerId });
const cancel = (pointerId: number): HoldEvent => ({ name: "pointerCancel", pointerId });
const keyDown: HoldEvent = { name: "keyDown", repeat: false };
const keyUp: HoldEvent = { name: "keyUp" };

/** What becomes of the floor: "press", a release's reason, or "-" for nothing, one word for each event. */
function acts(...events: HoldEvent[]): string[] {
  let holder: Holder = null;
  return events.map((event) => {
    const { holder: next, act } = stepHold(holder, event);
    holder = next;
    if (act === null) return "-";
    return act.name === "press" ? "press" : act.reason;
  });
}

describe("holding a talk button", () => {
  const rows: [string, HoldEvent[], string[]][] = [
    ["one finger presses and lets go", [down(1), up(1)], ["press", "pointerUp"]],
    ["a second finger that lifts keeps the floor", [down(1), down(2, { isPrimary: false }), up(2), up(1)], ["press", "-", "-", "pointerUp"]],
    ["a second finger that is cancelled keeps the floor", [down(1), down(2, { isPrimary: false }), cancel(2)], ["press", "-", "-"]],
    ["the first finger releases though another stays", [down(1), down(2, { isPrimary: false }), up(1), up(2)], ["press", "-", "pointerUp", "-"]],
    ["a taken pointer releases", [down(1), cancel(1)], ["press", "pointerCancel"]],
    ["a lost capture behind the lift does nothing more", [down(1), up(1), cancel(1)], ["press", "pointerUp", "-"]],
    ["a lift that never came does not block the next touch", [down(1), down(7), up(7)], ["press", "press", "pointerUp"]],
    ["a mouse whose lift was lost presses again", [down(1, { pointerType: "mouse" }), down(1, { pointerType: "mouse" })], ["press", "press"]],
    ["a mouse beside a finger is ignored", [down(5), down(1, { pointerType: "mouse" }), up(1), up(5)], ["press", "-", "-", "pointerUp"]],
    ["other buttons do not press", [down(1, { button: 2 }), up(1)], ["-", "-"]],
    ["the space bar presses and releases", [keyDown, keyUp], ["press", "keyUp"]],
    ["key repeat is no press", [keyDown, { name: "keyDown", repeat: true }, keyUp], ["press", "-", "keyUp"]],
    ["a repeat without a press is none", [{ name: "keyDown", repeat: true }, keyUp], ["-", "-"]],
    ["the space bar beside a finger changes nothing", [down(1), keyDown, keyUp, up(1)], ["press", "-", "-", "pointerUp"]],
    ["a finger beside the space bar changes nothing", [keyDown, down(1), up(1), keyUp], ["press", "-", "-", "keyUp"]],
    ["losing the focus releases once", [down(1), { name: "blur" }, up(1), { name: "blur" }], ["press", "blur", "-", "-"]],
    ["after losing the focus a new press counts", [down(1), { name: "blur" }, down(2), up(2)], ["press", "blur", "press", "pointerUp"]],
  ];

  it.each(rows)("%s", (_, events, expected) => {
    expect(acts(...events)).toEqual(expected);
  });
});
