import { expect, it } from "vitest";
import { floorOf } from "../../ptt/pttFixtures";
import { mayArbitrate } from "./arbitration";

it.each([
  ["responder", "talk", false],
  ["responder", "supervise", true],
  ["dispatcher", "listen", true],
  ["administrator", "talk", true],
])("a %s with the right to %s: %s", (role, right, expected) => {
  const account = { id: "a", displayName: "A", role, unit: null };
  const channel = { id: "c", nameZh: "", nameEn: "", number: "1", kind: "service", right, floor: floorOf(1, 0, null) };
  expect(mayArbitrate(account, channel)).toBe(expected);
  expect(mayArbitrate(null, { ...channel, right: "talk" })).toBe(false);
});
