import { formatElapsed } from "../lib/clock";
import type { Translator } from "../i18n/i18n";
import type { HubFloor, HubUnit } from "../protocol/hub";
import type { PttMachine } from "./pttState";
import { remainingMs } from "./pttState";

/** "P-01 Patrol 1": call sign first, as it is spoken. */
export function unitTitle(translator: Translator, unit: HubUnit): string {
  return `${unit.callSign} ${translator.name(unit)}`.trim();
}

/** Why a press was denied or a talk ended, and who talks instead; null in any other state. */
export function denialText(translator: Translator, machine: PttMachine): string | null {
  if (machine.state.name !== "denied") return null;
  const { cause, holder } = machine.state;
  if (cause === "anotherHasPermission" && holder !== null) {
    return translator.t("deny.anotherHasPermissionBy", { name: unitTitle(translator, holder) });
  }
  return translator.word("deny", cause);
}

/** Why the last talk was taken away, for everyone on the channel; null when it ended by itself or another talks. */
export function endedText({ t, word }: Translator, floor: HubFloor): string | null {
  return floor.talker !== null || floor.endedBecause === "" ? null : t("ptt.ended", { why: word("ended", floor.endedBecause) });
}

export function stateText(translator: Translator, machine: PttMachine, right: string): string {
  const { name } = machine.state;
  if (name === "idle" && right === "listen") return translator.t("ptt.listenOnly");
  return translator.t(`ptt.${name}`);
}

/** How many wait before us: "You are next", "2 before you"; null when we do not wait. */
export function placeText({ t }: Translator, machine: PttMachine): string | null {
  if (machine.state.name !== "queued") return null;
  const before = machine.state.position - 1;
  if (before === 0) return t("queue.next");
  return before === 1 ? t("queue.beforeOne") : t("queue.before", { count: before });
}

/** The countdown while talking on a channel with a talk limit. */
export function countdownText(translator: Translator, machine: PttMachine, nowMs: number): string | null {
  const leftMs = remainingMs(machine, nowMs);
  return leftMs === null ? null : translator.t("ptt.remaining", { time: formatElapsed(leftMs + 999) });
}

export function listenersText({ t }: Translator, count: number): string {
  return count === 1 ? t("ptt.listenersOne") : t("ptt.listeners", { count });
}
