import { expect, it } from "vitest";
import { fire, floorOf, own } from "../ptt/pttFixtures";
import { alertsOf, hasNewAlert, isInEmergency } from "./alerts";
import { applyChannels, emptyBoard } from "./channelBoard";

const alert = { unit: fire, sinceMs: 5 };
const later = { unit: own, sinceMs: 9 };

it("lists the alerts of all channels, the newest first", () => {
  const channel = { id: "c", nameZh: "", nameEn: "", number: "1", kind: "service", right: "talk" };
  const board = applyChannels(emptyBoard, [
    { ...channel, floor: { ...floorOf(1, 0, null), alerts: [alert] } },
    { ...channel, id: "d", floor: { ...floorOf(1, 0, null), channelId: "d", alerts: [later] } },
  ], 0);
  expect(alertsOf(board)).toEqual([{ channelId: "d", alert: later }, { channelId: "c", alert }]);
});

it("tells a new alert from one that is known, from a cancelled one and from old news", () => {
  const quiet = floorOf(2, 0, null);
  const alarmed = { ...floorOf(3, 0, null), alerts: [alert] };
  expect(hasNewAlert(quiet, alarmed)).toBe(true);
  expect(hasNewAlert(alarmed, { ...alarmed, epoch: 4 })).toBe(false);
  expect(hasNewAlert(alarmed, { ...alarmed, epoch: 4, alerts: [later, alert] })).toBe(true);
  expect(hasNewAlert(alarmed, { ...quiet, epoch: 4 })).toBe(false);
  expect(hasNewAlert({ ...quiet, epoch: 9 }, alarmed)).toBe(false);
  expect(hasNewAlert(undefined, alarmed)).toBe(false);
});

it("knows whether the own unit is in emergency", () => {
  const floor = { ...floorOf(1, 0, null), alerts: [alert] };
  expect(isInEmergency(floor, fire)).toBe(true);
  expect(isInEmergency(floor, own)).toBe(false);
  expect(isInEmergency(floor, null)).toBe(false);
});
