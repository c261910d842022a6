import type { HubFloor, HubUnit } from "../protocol/hub";
import type { PttEffect } from "./pttEvents";

// The states of push-to-talk in one channel, in the words of 3GPP TS 24.380; pttMachine.ts holds their transitions.

/** How long a denial stays on screen after the button was let go. */
export const denialShownMs = 3_000;

/** A request without an answer is given up after this time. */
export const requestTimeoutMs = 5_000;

/** The talker is warned this long before the talk limit. */
export const limitWarningMs = 5_000;

export type PttState =
  | { name: "idle" }
  | { name: "requesting"; attempt: number; sinceMs: number }
  /** Waits for the floor while the button is held; 1 is the next. */
  | { name: "queued"; attempt: number; position: number; holder: HubUnit | null }
  | Granted
  | { name: "taken"; talker: HubUnit; sinceMs: number }
  | { name: "denied"; cause: string; holder: HubUnit | null; untilMs: number }
  | { name: "releasing"; attempt: number }
  | { name: "lost" };

export interface Granted {
  name: "granted";
  attempt: number;
  burstId: number;
  sinceMs: number;
  /** When the server will revoke the floor; null without a limit. */
  limitAtMs: number | null;
  /** A floor snapshot has shown this burst. */
  confirmed: boolean;
  /** The warning before the talk limit was given. */
  warned: boolean;
}

export interface PttMachine {
  state: PttState;
  /** The button, key or pointer is down. */
  pressed: boolean;
  linkUp: boolean;
  floor: HubFloor | null;
  /** Counts presses, so that an answer to an earlier press is known as such. */
  attempt: number;
  /** The last burst of ours that ended, so that its late floor news is not shown as another's talk. */
  endedBurstId: number;
}

export interface PttStep {
  machine: PttMachine;
  effects: PttEffect[];
}

export function initialMachine(): PttMachine {
  return { state: { name: "lost" }, pressed: false, linkUp: false, floor: null, attempt: 0, endedBurstId: 0 };
}

/** What is left of the talk limit while talking, or null when there is none. */
export function remainingMs(machine: PttMachine, nowMs: number): number | null {
  if (machine.state.name !== "granted" || machine.state.limitAtMs === null) return null;
  return Math.max(0, machine.state.limitAtMs - nowMs);
}

export function stay(machine: PttMachine): PttStep {
  return { machine, effects: [] };
}

/** The state when nothing of ours is under way: lost, idle or another's talk. */
export function resting(machine: PttMachine): PttState {
  if (!machine.linkUp) return { name: "lost" };
  const { floor } = machine;
  if (floor === null || floor.talker === null || floor.burstId === machine.endedBurstId) return { name: "idle" };
  return { name: "taken", talker: floor.talker, sinceMs: floor.sinceMs };
}
