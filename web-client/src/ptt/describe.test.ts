import { describe, expect, it } from "vitest";
import { translatorOf } from "../i18n/i18n";
import type { HubUnit } from "../protocol/hub";
import { countdownText, denialText, endedText, listenersText, stateText, unitTitle } from "./describe";
import { floorOf } from "./pttFixtures";
import type { PttMachine, PttState } from "./pttState";
import { initialMachine } from "./pttState";

const en = translatorOf("en");
const zh = translatorOf("zh");
const fire: HubUnit = { id: "f", callSign: "F-11", nameZh: "消防一班", nameEn: "Engine 1", service: "fire" };

function machineIn(state: PttState): PttMachine {
  return { ...initialMachine(), state };
}

describe("texts of push-to-talk", () => {
  it("name who talks instead, in the reader's language", () => {
    const machine = machineIn({ name: "denied", cause: "anotherHasPermission", holder: fire, untilMs: 0 });
    expect(denialText(en, machine)).toBe("F-11 Engine 1 is talking");
    expect(denialText(zh, machine)).toBe("F-11 消防一班 正在讲话");
    expect(denialText(en, initialMachine())).toBeNull();
    expect(unitTitle(zh, fire)).toBe("F-11 消防一班");
  });

  it("say that a channel is for listening only", () => {
    const idle = machineIn({ name: "idle" });
    expect(stateText(en, idle, "listen")).toBe("Listen only");
    expect(stateText(en, idle, "talk")).toBe("Hold to talk");
    expect(stateText(zh, initialMachine(), "talk")).toBe("链路中断");
  });

  it("count down in whole seconds and never below zero", () => {
    const granted: PttState = {
      name: "granted",
      attempt: 1,
      burstId: 1,
      sinceMs: 0,
      limitAtMs: 60_000,
      confirmed: true,
      warned: false,
    };
    const machine = machineIn(granted);
    expect(countdownText(en, machine, 1)).toBe("1:00 left");
    expect(countdownText(en, machine, 59_999)).toBe("0:01 left");
    expect(countdownText(en, machine, 70_000)).toBe("0:00 left");
    expect(countdownText(en, machineIn({ ...granted, limitAtMs: null }), 1)).toBeNull();
  });

  it("count listeners", () => {
    expect(listenersText(en, 1)).toBe("1 listening");
    expect(listenersText(en, 20_000)).toBe("20000 listening");
  });

  it("tell everyone why a talk was cut off, until another talks", () => {
    const cut = { ...floorOf(4, 0, null), endedBecause: "talkerSilent" };
    expect(endedText(en, cut)).toBe("Cut off: no voice arrived");
    expect(endedText(zh, cut)).toBe("上次讲话被中断：未收到语音");
    expect(endedText(en, floorOf(4, 0, null))).toBeNull();
    expect(endedText(en, { ...cut, talker: fire })).toBeNull();
  });
});
