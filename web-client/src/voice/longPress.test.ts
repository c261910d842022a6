import { expect, it } from "vitest";
import type { LongPress, LongPressEvent } from "./longPress";
import { longPressMs, stepLongPress } from "./longPress";

function acts(...events: [LongPressEvent["name"], number][]): number {
  let state: LongPress = { name: "up" };
  let count = 0;
  for (const [name, nowMs] of events) {
    const next = stepLongPress(state, { name }, nowMs);
    state = next.state;
    count += next.acts ? 1 : 0;
  }
  return count;
}

it.each<[string, [LongPressEvent["name"], number][], number]>([
  ["a press held long enough acts once", [["down", 0], ["tick", longPressMs - 1], ["tick", longPressMs], ["tick", 9_000]], 1],
  ["a short press does nothing", [["down", 0], ["tick", 500], ["up", 600], ["tick", 9_000]], 0],
  ["key repeat does not begin anew", [["down", 0], ["down", 1_000], ["tick", longPressMs]], 1],
  ["each press counts for itself", [["down", 0], ["tick", longPressMs], ["up", 1_300], ["down", 2_000], ["tick", 2_000 + longPressMs]], 2],
])("%s", (_, events, expected) => {
  expect(acts(...events)).toBe(expected);
});
