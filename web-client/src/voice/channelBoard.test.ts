import { describe, expect, it } from "vitest";
import type { HubChannel, HubFloor, HubUnit } from "../protocol/hub";
import { applyChannels, applyFloors, applyRevoke, emptyBoard, forgetFloors, keptBursts } from "./channelBoard";

const talker: HubUnit = { id: "u", callSign: "P-01", nameZh: "巡警", nameEn: "Patrol", service: "police" };

function floorOf(epoch: number, burstId: number, who: HubUnit | null, listeners = 2): HubFloor {
  return { channelId: "c", epoch, burstId, talker: who, sinceMs: epoch * 1000, listeners, endedBecause: "", emergency: false, waiting: 0, alerts: [] };
}

function channelOf(id: string, floor: HubFloor): HubChannel {
  return { id, nameZh: "警务", nameEn: "Police", number: "8001", kind: "service", right: "talk", floor };
}

const board = applyChannels(emptyBoard, [channelOf("c", floorOf(5, 0, null))], 0);

describe("the channel board", () => {
  it("shows incidents first, then by number", () => {
    const floor = floorOf(1, 0, null);
    const channels = [
      { ...channelOf("p", floor), number: "7010" },
      { ...channelOf("f", floor), number: "7002" },
      { ...channelOf("i", floor), number: "7099", kind: "incident" },
    ];
    expect(applyChannels(emptyBoard, channels, 0).order).toEqual(["i", "f", "p"]);
  });

  it("drops channels that are no longer there", () => {
    const two = applyChannels(board, [channelOf("b", floorOf(1, 0, null)), channelOf("c", floorOf(5, 0, null))], 1);
    expect(two.order).toEqual(["b", "c"]);
    expect(Object.keys(applyChannels(two, [channelOf("b", floorOf(1, 0, null))], 2).byId)).toEqual(["b"]);
  });

  it("takes newer floors, and the same epoch with another number of listeners, never older ones", () => {
    const taken = applyFloors(board, [floorOf(6, 1, talker)], 10);
    expect(taken.byId["c"]?.floor.talker).toEqual(talker);
    expect(applyFloors(taken, [floorOf(5, 0, null)], 11).byId["c"]?.floor.talker).toEqual(talker);
    expect(applyFloors(taken, [floorOf(6, 1, talker, 9)], 12).byId["c"]?.floor.listeners).toBe(9);
  });

  it("ignores floors of channels it does not know", () => {
    expect(applyFloors(board, [{ ...floorOf(9, 1, talker), channelId: "x" }], 1).byId).toEqual(board.byId);
  });

  it("remembers bursts newest first, with their ends, up to a bound", () => {
    let next = board;
    for (let burst = 1; burst <= keptBursts + 3; burst += 1) {
      next = applyFloors(next, [floorOf(5 + 2 * burst, burst, talker)], burst * 100);
      next = applyFloors(next, [floorOf(6 + 2 * burst, 0, null)], burst * 100 + 50);
    }
    const bursts = next.byId["c"]?.bursts ?? [];
    expect(bursts).toHaveLength(keptBursts);
    expect(bursts[0]).toMatchObject({ burstId: keptBursts + 3, endMs: (keptBursts + 3) * 100 + 50 });
  });

  it("ends a burst that another follows without an idle floor between", () => {
    const first = applyFloors(board, [floorOf(6, 1, talker)], 10);
    const second = applyFloors(first, [floorOf(7, 2, talker)], 20);
    expect(second.byId["c"]?.bursts.map((burst) => burst.endMs)).toEqual([null, 20]);
  });

  it("ends a revoked burst at once", () => {
    const first = applyFloors(board, [floorOf(6, 1, talker)], 10);
    const revoked = applyRevoke(first, { channelId: "c", burstId: 1, cause: "burstTooLong" }, 15);
    expect(revoked.byId["c"]?.bursts[0]?.endMs).toBe(15);
  });

  it("accepts a restarted server's lower epochs after floors were forgotten", () => {
    const taken = applyFloors(board, [floorOf(60, 1, talker)], 10);
    const anew = applyChannels(forgetFloors(taken), [channelOf("c", floorOf(0, 0, null))], 20);
    expect(anew.byId["c"]?.floor.epoch).toBe(0);
    expect(anew.byId["c"]?.bursts[0]?.endMs).toBe(20);
  });
});
