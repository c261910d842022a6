import { expect, test } from "vitest";
import { isOver, newest } from "./dialer";

const call = { id: "d1", number: "9110", unitId: "u", channelId: "c", stage: "ringing", status: 0, cause: "" };

test("the newest calls are shown and what cannot be read is left out", () => {
  const calls = newest([call, { ...call, stage: "dreaming" }, 7, { ...call, id: "d2", stage: "ended", status: 486 }]);
  expect(calls.map((one) => [one.id, one.stage, isOver(one)])).toEqual([
    ["d1", "ringing", false],
    ["d2", "ended", true],
  ]);
  expect(newest(Array.from({ length: 9 }, (_, at) => ({ ...call, id: `d${at}` })))).toHaveLength(4);
  expect(newest(null)).toEqual([]);
});
