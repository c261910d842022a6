import { describe, expect, it } from "vitest";
import type { ReleaseReason } from "./pttEvents";
import { fire, floorOf, own, replyOf, run } from "./pttFixtures";
import { step } from "./pttMachine";
import { denialShownMs, initialMachine, limitWarningMs, remainingMs, requestTimeoutMs } from "./pttState";

const linked = run(initialMachine(), [{ name: "link", up: true }, 0], [{ name: "floor", floor: floorOf(1, 0, null) }, 0]).machine;
const requesting = run(linked, [{ name: "press", microphone: true }, 100]).machine;
const granted = run(requesting, [{ name: "reply", attempt: 1, reply: replyOf("granted") }, 150]).machine;
const taken = run(linked, [{ name: "floor", floor: floorOf(2, 9, fire) }, 100]).machine;

const releaseReasons: ReleaseReason[] = ["pointerUp", "pointerCancel", "keyUp", "blur", "hidden", "otherChannel", "left"];

describe("a press", () => {
  it("puts the microphone back before it asks for the floor", () => {
    const { machine, effects } = step(linked, { name: "press", microphone: true }, 100);
    expect(machine.state).toEqual({ name: "requesting", attempt: 1, sinceMs: 100 });
    expect(effects).toEqual([{ name: "attachMicrophone" }, { name: "requestFloor", attempt: 1 }]);
  });

  it("is ignored while pressed already, as key repeat is", () => {
    expect(step(requesting, { name: "press", microphone: true }, 110)).toEqual({ machine: requesting, effects: [] });
  });

  it("asks although another talks, because the server decides", () => {
    expect(step(taken, { name: "press", microphone: true }, 200).machine.state.name).toBe("requesting");
  });

  it("without a microphone is denied without asking the server", () => {
    const { machine, effects } = step(linked, { name: "press", microphone: false }, 100);
    expect(machine.state).toMatchObject({ name: "denied", cause: "noMicrophone" });
    expect(effects).toEqual([{ name: "signal", signal: "denied" }]);
  });

  it("without a link is denied at once and says so", () => {
    const { machine, effects } = step(initialMachine(), { name: "press", microphone: true }, 100);
    expect(machine.state).toMatchObject({ name: "denied", cause: "linkLost" });
    expect(effects).toEqual([{ name: "signal", signal: "denied" }]);
    expect(run(machine, [{ name: "release", reason: "keyUp" }, 200], [{ name: "tick" }, 9_000]).machine.state.name).toBe("lost");
  });
});

describe("a grant", () => {
  it("opens the burst with its talk limit", () => {
    expect(granted.state).toMatchObject({ name: "granted", burstId: 7, sinceMs: 150, limitAtMs: 60_150 });
    expect(remainingMs(granted, 10_150)).toBe(50_000);
  });

  it("has no countdown on a channel without a limit", () => {
    const { machine } = step(requesting, { name: "reply", attempt: 1, reply: replyOf("granted", { talkLimitMs: 0 }) }, 150);
    expect(remainingMs(machine, 500_000)).toBeNull();
  });

  it("warns once before the limit", () => {
    const first = step(granted, { name: "tick" }, 60_150 - limitWarningMs);
    expect(first.effects).toEqual([{ name: "signal", signal: "limitNear" }]);
    expect(step(first.machine, { name: "tick" }, 59_000).effects).toEqual([]);
  });

  it("for an earlier press is ignored", () => {
    const again = run(requesting, [{ name: "release", reason: "pointerUp" }, 120], [{ name: "press", microphone: true }, 130]).machine;
    expect(again.state).toMatchObject({ name: "requesting", attempt: 2 });
    expect(step(again, { name: "reply", attempt: 1, reply: replyOf("granted") }, 140).machine.state.name).toBe("requesting");
  });

  it("that arrives after letting go does not talk", () => {
    const { machine, effects } = run(
      requesting,
      [{ name: "release", reason: "pointerUp" }, 120],
      [{ name: "reply", attempt: 1, reply: replyOf("granted") }, 140],
    );
    expect(machine.state.name).toBe("releasing");
    expect(effects).toEqual([]);
  });
});

describe("a burst that the server ends", () => {
  const confirmed = run(granted, [{ name: "floor", floor: floorOf(2, 7, own) }, 160]).machine;

  it("names its cause when only the floor's snapshot tells", () => {
    const idle = { ...floorOf(3, 0, null), endedBecause: "talkerSilent" };
    const { machine, effects } = step(confirmed, { name: "floor", floor: idle }, 900);
    expect(machine.state).toMatchObject({ name: "denied", cause: "talkerSilent" });
    expect(effects).toEqual([{ name: "detachMicrophone" }, { name: "signal", signal: "revoked" }]);
  });

  it("names its cause when the revoke comes behind another's talk", () => {
    const after = run(confirmed, [{ name: "floor", floor: floorOf(4, 8, fire) }, 900]).machine;
    expect(after.state).toMatchObject({ name: "denied", cause: "leaseExpired" });
    const { machine, effects } = step(after, { name: "revoked", burstId: 7, cause: "preempted" }, 910);
    expect(machine.state).toMatchObject({ name: "denied", cause: "preempted" });
    expect(effects).toEqual([]);
  });
});

describe("letting go", () => {
  it.each(releaseReasons)("by %s releases a granted floor", (reason) => {
    const { machine, effects } = step(granted, { name: "release", reason }, 900);
    expect(machine.state.name).toBe("releasing");
    expect(effects).toEqual([{ name: "detachMicrophone" }, { name: "releaseFloor", attempt: 1 }]);
  });

  it.each(releaseReasons)("by %s withdraws a request that is not decided", (reason) => {
    const { machine, effects } = step(requesting, { name: "release", reason }, 120);
    expect(machine.state.name).toBe("releasing");
    expect(effects).toEqual([{ name: "detachMicrophone" }, { name: "releaseFloor", attempt: 1 }]);
  });

  it.each(releaseReasons)("by %s does nothing when nothing is pressed", (reason) => {
    for (const machine of [linked, taken, initialMachine()]) {
      expect(step(machine, { name: "release", reason }, 900)).toEqual({ machine, effects: [] });
    }
  });

  it("comes to rest when the server has answered, and own late floor news is no talk of another", () => {
    const { machine } = run(
      granted,
      [{ name: "floor", floor: floorOf(2, 7, own) }, 160],
      [{ name: "release", reason: "pointerUp" }, 900],
      [{ name: "released", attempt: 1 }, 950],
    );
    expect(machine.state).toEqual({ name: "idle" });
  });

  it("allows the next press at once", () => {
    const { machine } = run(granted, [{ name: "release", reason: "pointerUp" }, 900], [{ name: "press", microphone: true }, 905]);
    expect(machine.state).toEqual({ name: "requesting", attempt: 2, sinceMs: 905 });
    expect(step(machine, { name: "released", attempt: 1 }, 910).machine).toBe(machine);
  });
});

describe("link loss", () => {
  it.each([
    ["granted", granted],
    ["requesting", requesting],
  ])("while %s releases the floor and detaches the microphone", (_, machine) => {
    const { machine: lost, effects } = step(machine, { name: "link", up: false }, 900);
    expect(lost.state).toEqual({ name: "lost" });
    expect(effects).toEqual([
      { name: "detachMicrophone" },
      { name: "releaseFloor", attempt: 1 },
      { name: "signal", signal: "revoked" },
    ]);
  });

  it.each([
    ["idle", linked],
    ["taken", taken],
  ])("while %s only shows it", (_, machine) => {
    const next = step(machine, { name: "link", up: false }, 900);
    expect(next.machine.state).toEqual({ name: "lost" });
    expect(next.effects).toEqual([]);
  });

  it("asks for a new press after the link is back, although the button is still down", () => {
    const { machine, effects } = run(granted, [{ name: "link", up: false }, 900], [{ name: "link", up: true }, 2_000]);
    expect(machine.state).toEqual({ name: "idle" });
    expect(effects).toEqual([]);
    expect(step(machine, { name: "press", microphone: true }, 2_100).effects).toEqual([]);
    const again = run(machine, [{ name: "release", reason: "pointerUp" }, 2_200], [{ name: "press", microphone: true }, 2_300]);
    expect(again.machine.state.name).toBe("requesting");
  });

  it("forgets the floor's epoch, because a restarted server may count anew", () => {
    const { machine } = run(
      taken,
      [{ name: "link", up: false }, 900],
      [{ name: "link", up: true }, 2_000],
      [{ name: "floor", floor: floorOf(0, 1, fire) }, 2_001],
    );
    expect(machine.state).toMatchObject({ name: "taken", talker: fire });
  });
});

describe("a denial", () => {
  const reply = replyOf("denied", { cause: "anotherHasPermission", holder: fire, burstId: 0 });
  const denied = step(requesting, { name: "reply", attempt: 1, reply }, 150);

  it("says the cause and who talks, and detaches the microphone", () => {
    expect(denied.machine.state).toEqual({
      name: "denied",
      cause: "anotherHasPermission",
      holder: fire,
      untilMs: 150 + denialShownMs,
    });
    expect(denied.effects).toEqual([{ name: "detachMicrophone" }, { name: "signal", signal: "denied" }]);
  });

  it("stays while the button is down and fades after it was let go", () => {
    expect(step(denied.machine, { name: "tick" }, 60_000).machine.state.name).toBe("denied");
    const up = step(denied.machine, { name: "release", reason: "pointerUp" }, 60_000);
    expect(up.effects).toEqual([]);
    expect(step(up.machine, { name: "tick" }, 60_500).machine.state.name).toBe("denied");
    expect(step(up.machine, { name: "tick" }, 61_000).machine.state.name).toBe("idle");
  });

  it("fades into who talks", () => {
    const { machine } = run(
      denied.machine,
      [{ name: "floor", floor: floorOf(2, 9, fire) }, 160],
      [{ name: "release", reason: "pointerUp" }, 200],
      [{ name: "tick" }, 150 + denialShownMs],
    );
    expect(machine.state).toMatchObject({ name: "taken", talker: fire });
  });

  it("follows a failed or unanswered request", () => {
    const failed = step(requesting, { name: "requestFailed", attempt: 1, cause: "internalError" }, 150);
    expect(failed.machine.state).toMatchObject({ name: "denied", cause: "internalError" });
    const timedOut = step(requesting, { name: "tick" }, 100 + requestTimeoutMs);
    expect(timedOut.machine.state).toMatchObject({ name: "denied", cause: "timeout" });
    expect(timedOut.effects).toContainEqual({ name: "releaseFloor", attempt: 1 });
  });
});

describe("a revoke", () => {
  it.each(["burstTooLong", "talkerSilent", "noPermission", "preempted", "leaseExpired", "channelRemoved"])(
    "because of %s stops the talk and says why",
    (cause) => {
      const { machine, effects } = step(granted, { name: "revoked", burstId: 7, cause }, 900);
      expect(machine.state).toMatchObject({ name: "denied", cause });
      expect(effects.slice(0, 2)).toEqual([{ name: "detachMicrophone" }, { name: "signal", signal: "revoked" }]);
    },
  );

  it("of an earlier burst is ignored", () => {
    expect(step(granted, { name: "revoked", burstId: 6, cause: "burstTooLong" }, 900)).toEqual({ machine: granted, effects: [] });
  });
});

describe("floor news", () => {
  it("shows who talks and then nobody", () => {
    expect(taken.state).toMatchObject({ name: "taken", talker: fire });
    expect(step(taken, { name: "floor", floor: floorOf(3, 0, null) }, 300).machine.state).toEqual({ name: "idle" });
  });

  it("of an older epoch is ignored", () => {
    expect(step(taken, { name: "floor", floor: floorOf(1, 0, null) }, 300).machine).toBe(taken);
  });

  it("from before the grant does not end the talk, but another burst after ours does", () => {
    const early = step(granted, { name: "floor", floor: floorOf(2, 0, null) }, 160).machine;
    expect(early.state.name).toBe("granted");
    const confirmed = step(early, { name: "floor", floor: floorOf(3, 7, own) }, 170).machine;
    const { machine, effects } = step(confirmed, { name: "floor", floor: floorOf(4, 8, fire) }, 900);
    expect(machine.state).toMatchObject({ name: "denied", cause: "leaseExpired" });
    expect(effects).toContainEqual({ name: "detachMicrophone" });
  });
});
