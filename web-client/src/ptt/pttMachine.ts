import type { HubFloor, HubFloorReply, HubUnit } from "../protocol/hub";
import type { PttEffect, PttEvent } from "./pttEvents";
import type { PttMachine, PttStep } from "./pttState";
import { denialShownMs, limitWarningMs, requestTimeoutMs, resting, stay } from "./pttState";

// Push-to-talk of one channel in the words of 3GPP TS 24.380. Pure: one event and the time in, the next machine and the
// effects out; the effect runner (VoiceController) touches microphone, hub and loudspeaker.

/** The one transition function. */
export function step(machine: PttMachine, event: PttEvent, nowMs: number): PttStep {
  switch (event.name) {
    case "press":
      return press(machine, event.microphone, nowMs);
    case "release":
      return release(machine, nowMs);
    case "reply":
      return reply(machine, event.attempt, event.reply, nowMs);
    case "requestFailed":
      return isAwaited(machine, event.attempt) ? deny(machine, event.cause, null, nowMs) : stay(machine);
    case "released":
      return machine.state.name === "releasing" && machine.state.attempt === event.attempt
        ? stay({ ...machine, state: resting(machine) })
        : stay(machine);
    case "place":
      return place(machine, event.position, nowMs);
    case "grantedInTurn":
      return grantedInTurn(machine, event.burstId, event.talkLimitMs, nowMs);
    case "revoked":
      return revokedByServer(machine, event.burstId, event.cause, nowMs);
    case "floor":
      return floor(machine, event.floor, nowMs);
    case "link":
      return link(machine, event.up);
    case "tick":
      return tick(machine, nowMs);
  }
}

function isAwaited(machine: PttMachine, attempt: number): boolean {
  return machine.state.name === "requesting" && machine.state.attempt === attempt;
}

function press(machine: PttMachine, microphone: boolean, nowMs: number): PttStep {
  if (machine.pressed) return stay(machine);
  const pressed = { ...machine, pressed: true };
  if (!machine.linkUp) return deny(pressed, "linkLost", null, nowMs);
  if (!microphone) return deny(pressed, "noMicrophone", null, nowMs);
  const attempt = machine.attempt + 1;
  return {
    machine: { ...pressed, attempt, state: { name: "requesting", attempt, sinceMs: nowMs } },
    effects: [{ name: "attachMicrophone" }, { name: "requestFloor", attempt }],
  };
}

function release(machine: PttMachine, nowMs: number): PttStep {
  if (!machine.pressed) return stay(machine);
  const released = { ...machine, pressed: false };
  switch (machine.state.name) {
    case "requesting":
    case "queued":
    case "granted": {
      const { attempt } = machine.state;
      const endedBurstId = machine.state.name === "granted" ? machine.state.burstId : machine.endedBurstId;
      return {
        machine: { ...released, endedBurstId, state: { name: "releasing", attempt } },
        effects: [{ name: "detachMicrophone" }, { name: "releaseFloor", attempt }],
      };
    }
    case "denied":
      return stay({ ...released, state: { ...machine.state, untilMs: Math.max(machine.state.untilMs, nowMs + 1_000) } });
    default:
      return stay(released);
  }
}

function reply(machine: PttMachine, attempt: number, answer: HubFloorReply, nowMs: number): PttStep {
  if (machine.state.name === "releasing" && machine.state.attempt === attempt && answer.decision === "granted") {
    return stay({ ...machine, endedBurstId: answer.burstId });
  }
  if (!isAwaited(machine, attempt)) return stay(machine);
  if (answer.decision === "queued") {
    // Nothing is said while waiting, so nothing is sent.
    return {
      machine: { ...machine, state: { name: "queued", attempt, position: answer.position, holder: answer.holder } },
      effects: [{ name: "detachMicrophone" }, { name: "signal", signal: "queued" }],
    };
  }
  if (answer.decision !== "granted") return deny(machine, answer.cause, answer.holder, nowMs);
  return grant(machine, attempt, answer.burstId, answer.talkLimitMs, nowMs);
}

function grant(machine: PttMachine, attempt: number, burstId: number, talkLimitMs: number, nowMs: number): PttStep {
  const limitAtMs = talkLimitMs > 0 ? nowMs + talkLimitMs : null;
  return {
    machine: {
      ...machine,
      state: { name: "granted", attempt, burstId, sinceMs: nowMs, limitAtMs, confirmed: false, warned: false },
    },
    effects: [{ name: "signal", signal: "granted" }],
  };
}

/** The queue moved; at 0 we were taken out of it. */
function place(machine: PttMachine, position: number, nowMs: number): PttStep {
  if (machine.state.name !== "queued") return stay(machine);
  if (position === 0) return deny(machine, "removedFromQueue", null, nowMs);
  return stay({ ...machine, state: { ...machine.state, position } });
}

/** The queue gave us the floor. The news may overtake the reply to our own request. */
function grantedInTurn(machine: PttMachine, burstId: number, talkLimitMs: number, nowMs: number): PttStep {
  const { state } = machine;
  if (state.name === "requesting") return grant(machine, state.attempt, burstId, talkLimitMs, nowMs);
  if (state.name === "queued") {
    const granted = grant(machine, state.attempt, burstId, talkLimitMs, nowMs);
    return { ...granted, effects: [{ name: "attachMicrophone" }, ...granted.effects] };
  }
  // Let go already: the release is on its way, or goes now.
  const passed = { ...machine, endedBurstId: burstId };
  return state.name === "releasing" ? stay(passed) : { machine: passed, effects: [{ name: "releaseFloor", attempt: machine.attempt }] };
}

function deny(machine: PttMachine, cause: string, holder: HubUnit | null, nowMs: number): PttStep {
  const effects: PttEffect[] = [{ name: "signal", signal: "denied" }];
  if (machine.state.name === "requesting") effects.unshift({ name: "detachMicrophone" });
  return {
    machine: { ...machine, state: { name: "denied", cause, holder, untilMs: nowMs + denialShownMs } },
    effects,
  };
}

/** The server asks for the floor back: it goes as soon as what was said is out, and the server waits a moment for it. */
function revokedByServer(machine: PttMachine, burstId: number, cause: string, nowMs: number): PttStep {
  const { state } = machine;
  const next = revoked(machine, burstId, cause, nowMs);
  if (state.name !== "granted" || next.effects.length === 0) return next;
  return { ...next, effects: [...next.effects, { name: "releaseFloor", attempt: state.attempt }] };
}

function revoked(machine: PttMachine, burstId: number, cause: string, nowMs: number): PttStep {
  // A floor snapshot may tell of the end before the revoke tells the cause.
  const isUnexplained = machine.state.name === "denied" && machine.state.cause === "leaseExpired" && machine.endedBurstId === burstId;
  if (isUnexplained) return stay({ ...machine, state: { name: "denied", cause, holder: null, untilMs: nowMs + denialShownMs } });
  if (machine.state.name !== "granted" || machine.state.burstId !== burstId) return stay(machine);
  return {
    machine: {
      ...machine,
      endedBurstId: burstId,
      state: { name: "denied", cause, holder: null, untilMs: nowMs + denialShownMs },
    },
    effects: [{ name: "detachMicrophone" }, { name: "signal", signal: "revoked" }],
  };
}

function floor(machine: PttMachine, news: HubFloor, nowMs: number): PttStep {
  if (machine.floor !== null && machine.linkUp && news.epoch < machine.floor.epoch) return stay(machine);
  const next = { ...machine, floor: news };
  switch (machine.state.name) {
    case "idle":
    case "taken":
      return stay({ ...next, state: resting(next) });
    case "granted":
      if (news.burstId === machine.state.burstId && news.talker !== null) {
        return stay({ ...next, state: { ...machine.state, confirmed: true } });
      }
      // A snapshot from before the grant may still arrive; after ours was seen, any other burst means ours is over.
      return machine.state.confirmed ? revoked(next, machine.state.burstId, causeOf(news), nowMs) : stay(next);
    default:
      return stay(next);
  }
}

/** Why our burst is over, as far as a floor snapshot can tell. */
function causeOf(news: HubFloor): string {
  return news.endedBecause === "" ? "leaseExpired" : news.endedBecause;
}

function link(machine: PttMachine, up: boolean): PttStep {
  if (machine.linkUp === up) return stay(machine);
  if (up) {
    const next = { ...machine, linkUp: true };
    return stay(machine.state.name === "lost" ? { ...next, state: resting(next) } : next);
  }
  const talking = ["granted", "requesting", "queued"].includes(machine.state.name);
  const endedBurstId = machine.state.name === "granted" ? machine.state.burstId : machine.endedBurstId;
  const lost: PttMachine = { ...machine, linkUp: false, floor: null, endedBurstId, state: { name: "lost" } };
  if (!talking) return stay(lost);
  return {
    machine: lost,
    effects: [
      { name: "detachMicrophone" },
      { name: "releaseFloor", attempt: machine.attempt },
      { name: "signal", signal: "revoked" },
    ],
  };
}

function tick(machine: PttMachine, nowMs: number): PttStep {
  const { state } = machine;
  if (state.name === "denied" && !machine.pressed && nowMs >= state.untilMs) {
    return stay({ ...machine, state: resting(machine) });
  }
  if (state.name === "requesting" && nowMs >= state.sinceMs + requestTimeoutMs) {
    const denied = deny(machine, "timeout", null, nowMs);
    return { ...denied, effects: [...denied.effects, { name: "releaseFloor", attempt: state.attempt }] };
  }
  if (state.name === "granted" && !state.warned && state.limitAtMs !== null) {
    if (nowMs < state.limitAtMs - limitWarningMs) return stay(machine);
    return {
      machine: { ...machine, state: { ...state, warned: true } },
      effects: [{ name: "signal", signal: "limitNear" }],
    };
  }
  return stay(machine);
}
