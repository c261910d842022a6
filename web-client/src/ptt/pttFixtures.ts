import type { HubFloor, HubFloorReply, HubUnit } from "../protocol/hub";
import type { PttEffect, PttEvent } from "./pttEvents";
import type { PttMachine } from "./pttState";
import { step } from "./pttMachine";

// Units, floors and replies of the push-to-talk tests.

export const fire: HubUnit = { id: "fire-1", callSign: "F-11", nameZh: "消防一队", nameEn: "Fire 1", service: "fire" };
export const own: HubUnit = { id: "police-1", callSign: "P-01", nameZh: "巡警一组", nameEn: "Patrol 1", service: "police" };

export function floorOf(epoch: number, burstId: number, talker: HubUnit | null): HubFloor {
  return { channelId: "c", epoch, burstId, talker, sinceMs: 1, listeners: 3, endedBecause: "", emergency: false, waiting: 0, alerts: [] };
}

export function replyOf(decision: string, change: Partial<HubFloorReply> = {}): HubFloorReply {
  return { decision, cause: "", burstId: 7, talkLimitMs: 60_000, holder: null, position: 0, ...change };
}

/** Feeds events one after the other; the effects are those of the last. */
export function run(machine: PttMachine, ...events: [PttEvent, number][]): { machine: PttMachine; effects: PttEffect[] } {
  let effects: PttEffect[] = [];
  for (const [event, nowMs] of events) {
    const next = step(machine, event, nowMs);
    machine = next.machine;
    effects = next.effects;
  }
  return { machine, effects };
}
