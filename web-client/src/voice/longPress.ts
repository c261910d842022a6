/** How long an emergency button is held until it acts: long enough for no accident, short enough for an emergency. */
export const longPressMs = 1_200;

export type LongPress = { name: "up" } | { name: "down"; sinceMs: number } | { name: "done" };

export type LongPressEvent = { name: "down" } | { name: "up" } | { name: "tick" };

/** The one transition function; acts is true exactly once for each press that was held long enough. */
export function stepLongPress(state: LongPress, event: LongPressEvent, nowMs: number): { state: LongPress; acts: boolean } {
  if (event.name === "up") return { state: { name: "up" }, acts: false };
  if (event.name === "down") return { state: state.name === "up" ? { name: "down", sinceMs: nowMs } : state, acts: false };
  if (state.name !== "down" || nowMs - state.sinceMs < longPressMs) return { state, acts: false };
  return { state: { name: "done" }, acts: true };
}
