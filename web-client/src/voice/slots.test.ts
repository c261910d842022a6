import { expect, it } from "vitest";
import { freeSlots, slotFor, slotOf, withoutMissing, withSlot } from "./slots";

it("gives the first free slot and none when all are taken", () => {
  let slots = freeSlots(2);
  expect(slotFor(slots, "a")).toBe(0);
  slots = withSlot(slots, 0, "a");
  expect(slotFor(slots, "a")).toBe(0);
  expect(slotFor(slots, "b")).toBe(1);
  slots = withSlot(slots, 1, "b");
  expect(slotFor(slots, "c")).toBeNull();
  expect(slotOf(slots, "b")).toBe(1);
});

it("never holds a channel twice", () => {
  const slots = withSlot(withSlot(freeSlots(3), 1, "a"), 0, "a");
  expect(slots).toEqual(["a", null, null]);
});

it("gives back the slots of channels that are gone", () => {
  expect(withoutMissing(["a", "b", null], ["b"])).toEqual([null, "b", null]);
});
