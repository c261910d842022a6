// Generated from src/Signaling/Realtime/HubMessages.cs by HubTypes; a test keeps it true. Do not edit.

export interface ClientHello {
  protocolVersion: number;
  page: string;
}

export interface ServerHello {
  protocolVersion: number;
  serverInstance: string;
  serverTimeMs: number;
  account: HubAccount;
  channels: HubChannel[];
}

export interface HubAccount {
  id: string;
  displayName: string;
  role: string;
  unit: HubUnit | null;
}

export interface HubUnit {
  id: string;
  callSign: string;
  nameZh: string;
  nameEn: string;
  service: string;
}

export interface HubChannel {
  id: string;
  nameZh: string;
  nameEn: string;
  number: string;
  kind: string;
  right: string;
  floor: HubFloor;
}

export interface HubFloor {
  channelId: string;
  epoch: number;
  burstId: number;
  talker: HubUnit | null;
  sinceMs: number;
  listeners: number;
  endedBecause: string;
  emergency: boolean;
  waiting: number;
  alerts: HubAlert[];
}

export interface VoiceOffer {
  sdp: string;
}

export interface VoiceAnswer {
  sdp: string;
  session: string;
  refusal: string;
  detail: string;
}

export interface HubJoinReply {
  right: string;
  floor: HubFloor | null;
}

export interface HubFloorReply {
  decision: string;
  cause: string;
  burstId: number;
  talkLimitMs: number;
  holder: HubUnit | null;
  position: number;
}

export interface HubFloorRevoked {
  channelId: string;
  burstId: number;
  cause: string;
}

export interface HubAlert {
  unit: HubUnit;
  sinceMs: number;
}

export interface HubFloorGranted {
  channelId: string;
  burstId: number;
  talkLimitMs: number;
}

export interface HubFloorQueued {
  channelId: string;
  position: number;
}

export interface HubFloorQueue {
  channelId: string;
  waiting: HubWaiter[];
}

export interface HubWaiter {
  requestId: number;
  unit: HubUnit;
  priority: number;
  emergency: boolean;
  sinceMs: number;
}

export interface HubCamera {
  cameraId: string;
  state: string;
  reason: string;
  viewers: number;
  condition: string;
  conditionReason: string;
  conditionSinceMs: number;
}

export interface HubVoiceEnded {
  session: string;
  reason: string;
}

export interface HubServerMethods {
  Hello(hello: ClientHello): ServerHello;
  Renew(accessToken: string): boolean;
  OpenVoice(offer: VoiceOffer): VoiceAnswer;
  CloseVoice(): void;
  Join(channelId: string, slot: number): HubJoinReply;
  Leave(channelId: string, slot: number): void;
  RequestFloor(channelId: string): HubFloorReply;
  ReleaseFloor(channelId: string): void;
  MoveQueued(channelId: string, requestId: number, position: number): string;
  RemoveQueued(channelId: string, requestId: number): string;
  PreemptFloor(channelId: string, requestId: number): string;
  RaiseEmergency(channelId: string): string;
  CancelEmergency(channelId: string, unitId: string): string;
  WatchQueues(watch: boolean): HubFloorQueue[];
  WatchCameras(watch: boolean): HubCamera[];
}

export interface HubClientMethods {
  Floors(floors: HubFloor[]): void;
  FloorRevoked(revoked: HubFloorRevoked): void;
  FloorGranted(granted: HubFloorGranted): void;
  FloorQueued(queued: HubFloorQueued): void;
  FloorQueues(queues: HubFloorQueue[]): void;
  Channels(channels: HubChannel[]): void;
  Cameras(cameras: HubCamera[]): void;
  VoiceEnded(ended: HubVoiceEnded): void;
  Closing(reason: string): void;
}
