import type { HubChannel, HubFloor, HubFloorRevoked, HubUnit } from "../protocol/hub";
import type { PttMachine } from "../ptt/pttState";
import { initialMachine } from "../ptt/pttState";

/** One burst that was heard of: who talked, when, how long. */
export interface Burst {
  burstId: number;
  talker: HubUnit;
  sinceMs: number;
  /** Null while it lasts. */
  endMs: number | null;
}

export interface BoardChannel {
  channel: HubChannel;
  floor: HubFloor;
  machine: PttMachine;
  /** Newest first. */
  bursts: Burst[];
}

/** Everything known about the channels of this account: incidents first, then by number. Pure data, replaced as a whole. */
export interface ChannelBoard {
  order: string[];
  byId: Record<string, BoardChannel>;
}

export const keptBursts = 12;

export const emptyBoard: ChannelBoard = { order: [], byId: {} };

/** The server's list replaces the former one; machines and histories of channels that stay are kept. */
export function applyChannels(board: ChannelBoard, channels: HubChannel[], nowMs: number): ChannelBoard {
  const byId: Record<string, BoardChannel> = {};
  for (const channel of channels) {
    const former = board.byId[channel.id];
    const entry = former ?? { channel, floor: channel.floor, machine: initialMachine(), bursts: [] };
    byId[channel.id] = { ...withFloor(entry, channel.floor, nowMs), channel };
  }
  return { order: [...channels].sort(byKindAndNumber).map((channel) => channel.id), byId };
}

const kindRanks: Record<string, number> = { incident: 0, command: 1, service: 2 };

function byKindAndNumber(left: HubChannel, right: HubChannel): number {
  const byKind = (kindRanks[left.kind] ?? 3) - (kindRanks[right.kind] ?? 3);
  return byKind || left.number.localeCompare(right.number, "en", { numeric: true }) || left.id.localeCompare(right.id);
}

/** A new server may count epochs anew, so what a former connection told is no longer compared with. */
export function forgetFloors(board: ChannelBoard): ChannelBoard {
  const byId: Record<string, BoardChannel> = {};
  for (const [id, entry] of Object.entries(board.byId)) {
    byId[id] = { ...entry, floor: { ...entry.floor, epoch: -1, talker: null, listeners: 0 } };
  }
  return { ...board, byId };
}

/** The newest epoch of each channel replaces what is known; the same epoch may bring a new number of listeners. */
export function applyFloors(board: ChannelBoard, floors: HubFloor[], nowMs: number): ChannelBoard {
  const byId = { ...board.byId };
  for (const floor of floors) {
    const entry = byId[floor.channelId];
    if (entry !== undefined) byId[floor.channelId] = withFloor(entry, floor, nowMs);
  }
  return { ...board, byId };
}

export function applyMachine(board: ChannelBoard, channelId: string, machine: PttMachine): ChannelBoard {
  const entry = board.byId[channelId];
  if (entry === undefined || entry.machine === machine) return board;
  return { ...board, byId: { ...board.byId, [channelId]: { ...entry, machine } } };
}

/** A revoke ends the burst in the history before the next floor snapshot does. */
export function applyRevoke(board: ChannelBoard, revoked: HubFloorRevoked, nowMs: number): ChannelBoard {
  const entry = board.byId[revoked.channelId];
  if (entry === undefined) return board;
  const bursts = entry.bursts.map((burst) =>
    burst.burstId === revoked.burstId && burst.endMs === null ? { ...burst, endMs: nowMs } : burst,
  );
  return { ...board, byId: { ...board.byId, [revoked.channelId]: { ...entry, bursts } } };
}

function withFloor(entry: BoardChannel, floor: HubFloor, nowMs: number): BoardChannel {
  if (floor.epoch < entry.floor.epoch) return entry;
  return { ...entry, floor, bursts: withBurst(entry.bursts, floor, nowMs) };
}

function withBurst(bursts: Burst[], floor: HubFloor, nowMs: number): Burst[] {
  const [last] = bursts;
  const isSame = last !== undefined && floor.talker !== null && last.burstId === floor.burstId;
  if (isSame) return bursts;
  const ended = bursts.map((burst) => (burst.endMs === null ? { ...burst, endMs: nowMs } : burst));
  if (floor.talker === null) return last?.endMs === null ? ended : bursts;
  const burst: Burst = { burstId: floor.burstId, talker: floor.talker, sinceMs: floor.sinceMs, endMs: null };
  return [burst, ...ended].slice(0, keptBursts);
}
