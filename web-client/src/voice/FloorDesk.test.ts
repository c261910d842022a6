import { expect, it } from "vitest";
import { fire } from "../ptt/pttFixtures";
import { applyQueues } from "./FloorDesk";

const waiter = { requestId: 1, unit: fire, priority: 3, emergency: false, sinceMs: 0 };

it("keeps the newest queue of each channel and forgets those where nobody waits", () => {
  const queues = applyQueues({}, [
    { channelId: "a", waiting: [waiter] },
    { channelId: "b", waiting: [waiter, { ...waiter, requestId: 2 }] },
  ]);
  expect(Object.keys(queues)).toEqual(["a", "b"]);
  const next = applyQueues(queues, [{ channelId: "b", waiting: [] }]);
  expect(next).toEqual({ a: [waiter] });
  expect(queues["b"]).toHaveLength(2);
});
