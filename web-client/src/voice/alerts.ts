import type { HubAlert, HubFloor, HubUnit } from "../protocol/hub";
import type { ChannelBoard } from "./channelBoard";

/** An emergency alert with the channel it was raised in. */
export interface BoardAlert {
  channelId: string;
  alert: HubAlert;
}

/** All alerts that this account hears of, the newest first. */
export function alertsOf(board: ChannelBoard): BoardAlert[] {
  return board.order
    .flatMap((channelId) => (board.byId[channelId]?.floor.alerts ?? []).map((alert) => ({ channelId, alert })))
    .sort((left, right) => right.alert.sinceMs - left.alert.sinceMs);
}

/** Whether a floor's news bring an alert that was not there before; a first look at the channel brings none. */
export function hasNewAlert(before: HubFloor | undefined, news: HubFloor): boolean {
  if (before === undefined || news.epoch < before.epoch) return false;
  return news.alerts.some(({ unit, sinceMs }) => !before.alerts.some((known) => known.unit.id === unit.id && known.sinceMs === sinceMs));
}

export function isInEmergency(floor: HubFloor, unit: HubUnit | null): boolean {
  return unit !== null && floor.alerts.some((alert) => alert.unit.id === unit.id);
}
