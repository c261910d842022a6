import { describe, expect, it } from "vitest";
import { translatorOf } from "../i18n/i18n";
import { denialText, placeText, stateText } from "./describe";
import { fire, floorOf, own, replyOf, run } from "./pttFixtures";
import { step } from "./pttMachine";
import { initialMachine } from "./pttState";

const en = translatorOf("en");
const zh = translatorOf("zh");
const taken = run(initialMachine(), [{ name: "link", up: true }, 0], [{ name: "floor", floor: floorOf(2, 9, fire) }, 0]).machine;
const requesting = run(taken, [{ name: "press", microphone: true }, 100]).machine;
const queuedReply = { name: "reply", attempt: 1, reply: replyOf("queued", { position: 3, holder: fire }) } as const;
const queued = run(requesting, [queuedReply, 150]).machine;

describe("waiting in a queue", () => {
  it("sends nothing and says how many are before us", () => {
    const { machine, effects } = step(requesting, queuedReply, 150);
    expect(machine.state).toEqual({ name: "queued", attempt: 1, position: 3, holder: fire });
    expect(effects).toEqual([{ name: "detachMicrophone" }, { name: "signal", signal: "queued" }]);
    expect([placeText(en, machine), placeText(zh, machine)]).toEqual(["2 before you", "前面还有 2 人"]);
    expect(stateText(en, machine, "talk")).toBe("Waiting: hold on");
  });

  it("moves up", () => {
    const { machine } = run(queued, [{ name: "place", position: 2 }, 200], [{ name: "place", position: 1 }, 300]);
    expect(placeText(en, run(queued, [{ name: "place", position: 2 }, 200]).machine)).toBe("1 before you");
    expect(placeText(en, machine)).toBe("You are next");
  });

  it("has no time limit of its own", () => {
    expect(step(queued, { name: "tick" }, 600_000)).toEqual({ machine: queued, effects: [] });
  });

  it("ends with the release of the button", () => {
    const { machine, effects } = step(queued, { name: "release", reason: "pointerUp" }, 900);
    expect(machine.state).toEqual({ name: "releasing", attempt: 1 });
    expect(effects).toEqual([{ name: "detachMicrophone" }, { name: "releaseFloor", attempt: 1 }]);
    expect(step(machine, { name: "released", attempt: 1 }, 950).machine.state.name).toBe("taken");
  });

  it("ends when a dispatcher takes us out, and says so", () => {
    const { machine, effects } = step(queued, { name: "place", position: 0 }, 900);
    expect(denialText(en, machine)).toBe("You were taken out of the queue");
    expect(effects).toEqual([{ name: "signal", signal: "denied" }]);
    expect(step(machine, { name: "place", position: 1 }, 950).machine).toBe(machine);
  });

  it("ends with the link", () => {
    const { machine, effects } = step(queued, { name: "link", up: false }, 900);
    expect(machine.state).toEqual({ name: "lost" });
    expect(effects).toContainEqual({ name: "releaseFloor", attempt: 1 });
  });

  it("is not shown as another's talk while others talk", () => {
    expect(step(queued, { name: "floor", floor: floorOf(5, 12, own) }, 200).machine.state.name).toBe("queued");
  });
});

describe("a grant in turn", () => {
  const grant = { name: "grantedInTurn", burstId: 21, talkLimitMs: 60_000 } as const;

  it("puts the microphone back and tells that one may speak", () => {
    const { machine, effects } = step(queued, grant, 5_000);
    expect(machine.state).toMatchObject({ name: "granted", burstId: 21, limitAtMs: 65_000, attempt: 1 });
    expect(effects).toEqual([{ name: "attachMicrophone" }, { name: "signal", signal: "granted" }]);
  });

  it("may overtake the reply that we wait", () => {
    const { machine, effects } = step(requesting, grant, 140);
    expect(machine.state).toMatchObject({ name: "granted", burstId: 21 });
    expect(effects).toEqual([{ name: "signal", signal: "granted" }]);
    expect(step(machine, queuedReply, 150).machine).toBe(machine);
  });

  it("after letting go does not talk, and is given back", () => {
    const releasing = run(queued, [{ name: "release", reason: "pointerUp" }, 900]).machine;
    expect(step(releasing, grant, 910)).toMatchObject({ machine: { state: { name: "releasing" }, endedBurstId: 21 }, effects: [] });
    const rested = run(releasing, [{ name: "released", attempt: 1 }, 920]).machine;
    expect(step(rested, grant, 930).effects).toEqual([{ name: "releaseFloor", attempt: 1 }]);
  });
});

it("a revoked talker stops and gives the floor back at once", () => {
  const granted = run(requesting, [{ name: "reply", attempt: 1, reply: replyOf("granted") }, 150]).machine;
  const { machine, effects } = step(granted, { name: "revoked", burstId: 7, cause: "preempted" }, 900);
  expect(denialText(en, machine)).toBe("A more urgent call or a dispatcher took over");
  expect(effects).toEqual([
    { name: "detachMicrophone" },
    { name: "signal", signal: "revoked" },
    { name: "releaseFloor", attempt: 1 },
  ]);
});
