import { describe, expect, it } from "vitest";
import { reconnectDelayMs } from "./ReconnectPolicy";

const bounds = { firstMs: 500, maxMs: 15_000 };

describe("reconnectDelayMs", () => {
  it("spreads the first try over the first interval", () => {
    expect(reconnectDelayMs(0, 0, bounds)).toBe(0);
    expect(reconnectDelayMs(0, 0.999, bounds)).toBeLessThanOrEqual(500);
  });

  it("doubles and keeps at least half of the interval", () => {
    expect(reconnectDelayMs(1, 0, bounds)).toBe(500);
    expect(reconnectDelayMs(2, 0, bounds)).toBe(1000);
    expect(reconnectDelayMs(3, 0.5, bounds)).toBe(3000);
  });

  it("never exceeds the bound, whatever the attempt", () => {
    for (const attempt of [6, 20, 1000, Number.MAX_SAFE_INTEGER]) {
      const delayMs = reconnectDelayMs(attempt, 0.999_999, bounds);
      expect(delayMs).toBeLessThanOrEqual(15_000);
      expect(delayMs).toBeGreaterThanOrEqual(7_500);
    }
  });
});
