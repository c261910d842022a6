import { describe, expect, it } from "vitest";
import { translatorOf } from "../../i18n/i18n";
import { reasonText, sinceText, whyDark } from "./why";

const noon = new Date(2026, 0, 31, 12, 3).getTime();
const later = noon + 3_600_000;
const english = translatorOf("en");
const chinese = translatorOf("zh");
const healthy = { state: "idle", reason: "", condition: "online", conditionReason: "", conditionSinceMs: noon };

describe("why a camera is dark", () => {
  it("is said with the time and the reason, in both languages", () => {
    const away = { ...healthy, condition: "offline", conditionReason: "connection refused" };
    expect(whyDark(english, away, later)).toBe("Offline since 12:03: connection refused");
    expect(whyDark(chinese, away, later)).toBe("12:03 起离线：摄像机拒绝连接");
    const locked = { ...healthy, condition: "faulty", conditionReason: "401 unauthorized: wrong user name or password" };
    expect(whyDark(english, locked, later)).toBe("No picture since 12:03: wrong user name or password");
    const slow = { ...healthy, state: "live", condition: "degraded", conditionReason: "key frame every 20 s" };
    expect(whyDark(english, slow, later)).toBe("Slow to appear: key frame every 20 s");
    expect(whyDark(chinese, slow, later)).toBe("出图慢：每 20 秒一个关键帧");
  });

  it("is nothing for a healthy or a live camera", () => {
    expect(whyDark(english, healthy, later)).toBe("");
    expect(whyDark(english, { ...healthy, condition: "unknown" }, later)).toBe("");
    expect(whyDark(english, { ...healthy, state: "live", condition: "faulty", conditionReason: "no packets for 10 s" }, later)).toBe("");
  });

  it("names what its feed waits for while nothing else is known", () => {
    const waiting = { ...healthy, state: "reconnecting", reason: "the camera answers 500" };
    expect(whyDark(english, waiting, later)).toBe("Reconnecting: the camera answers 500");
    expect(reasonText(chinese, "the camera answers 500")).toBe("摄像机返回 500");
    expect(reasonText(english, "something new")).toBe("something new");
  });

  it("is dated when it was another day", () => {
    expect(sinceText(noon, noon + 24 * 3_600_000)).toBe("2026-01-31 12:03");
  });
});
