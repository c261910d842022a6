import { expect, it } from "vitest";
import type { SignalState } from "../link/SignalLink";
import type { VoiceState } from "../link/VoiceLink";
import type { LinkSummary } from "./linkSummary";
import { summarizeLink } from "./linkSummary";

const up: SignalState = { name: "connected" };
const off: VoiceState = { name: "off" };

const rows: [SignalState, VoiceState, LinkSummary][] = [
  [{ name: "connecting" }, off, "connecting"],
  [{ name: "reconnecting", reason: "linkLost", retryAtMs: 0 }, { name: "connected" }, "reconnecting"],
  [{ name: "stopped", reason: "replaced" }, off, "replaced"],
  [{ name: "stopped", reason: "protocolVersion" }, off, "outdated"],
  [up, { name: "connecting" }, "voice"],
  [up, { name: "reconnecting", reason: "failed" }, "reconnecting"],
  [up, { name: "connected" }, "connected"],
];

it.each(rows)("tells the hub first, then voice: %j %j is %s", (signal, voice, summary) => {
  expect(summarizeLink(signal, voice)).toBe(summary);
});
