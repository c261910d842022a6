import type { HubConnection } from "@microsoft/signalr";
import { HttpTransportType, HubConnectionBuilder, HubConnectionState, LogLevel } from "@microsoft/signalr";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";
import { nowMs } from "../lib/clock";
import { log, reasonOf } from "../lib/log";
import { Store } from "../lib/store";
import type {
  HubCamera,
  HubChannel,
  HubClientMethods,
  HubFloor,
  HubFloorGranted,
  HubFloorQueue,
  HubFloorQueued,
  HubFloorReply,
  HubFloorRevoked,
  HubJoinReply,
  HubServerMethods,
  HubVoiceEnded,
  ServerHello,
  VoiceAnswer,
} from "../protocol/hub";
import { forgetReload, reloadOnce } from "./outdated";
import { reconnectDelayMs } from "./ReconnectPolicy";

const protocolVersion = 1;
const bounds = { firstMs: 500, maxMs: 10_000 };
const connectTimeoutMs = 10_000;
/** The server pings every 10 s; two missed pings are a lost link. */
const serverTimeoutMs = 22_000;
const keepAliveMs = 10_000;

export type SignalState =
  | { name: "connecting" }
  | { name: "connected" }
  | { name: "reconnecting"; reason: string; retryAtMs: number }
  /** Closed for good until the page is told otherwise: another page took over, or this page is too old. */
  | { name: "stopped"; reason: string };

/** What the server tells; one handler object per link. */
export interface SignalHandlers {
  hello(hello: ServerHello): void;
  lost(): void;
  floors(floors: HubFloor[]): void;
  floorRevoked(revoked: HubFloorRevoked): void;
  floorGranted(granted: HubFloorGranted): void;
  floorQueued(queued: HubFloorQueued): void;
  floorQueues(queues: HubFloorQueue[]): void;
  channels(channels: HubChannel[]): void;
  cameras(cameras: HubCamera[]): void;
  voiceEnded(ended: HubVoiceEnded): void;
  signedOut(): void;
  /** A connection could not be made; the token may be the reason. */
  connectFailed(): Promise<void>;
}

export interface SignalOptions {
  page: string;
  accessToken(): Promise<string>;
  random(): number;
}

/** The only user of SignalR: one hub connection, kept for ever with spread retries until closed. */
export class SignalLink {
  readonly state = new Store<SignalState>({ name: "connecting" });
  private connection: HubConnection | null = null;
  private timer: number | null = null;
  private attempt = 0;
  private closingReason = "";
  private closed = false;

  constructor(
    private readonly options: SignalOptions,
    private readonly handlers: SignalHandlers,
  ) {
    window.addEventListener("online", this.retryNow);
    window.addEventListener("offline", this.dropNow);
    document.addEventListener("visibilitychange", this.retryWhenShown);
  }

  open(): void {
    if (this.closed || this.connection !== null) return;
    this.timer = null;
    void this.connect();
  }

  async close(): Promise<void> {
    this.closed = true;
    window.removeEventListener("online", this.retryNow);
    window.removeEventListener("offline", this.dropNow);
    document.removeEventListener("visibilitychange", this.retryWhenShown);
    if (this.timer !== null) window.clearTimeout(this.timer);
    await this.connection?.stop();
  }

  /** Keeps the connection alive as long as the newest token; false: refused, and the server will close it. */
  readonly renew = (accessToken: string): Promise<boolean> => this.ask("Renew", accessToken);
  readonly openVoice = (sdp: string): Promise<VoiceAnswer> => this.ask("OpenVoice", { sdp });
  readonly join = (channelId: string, slot: number): Promise<HubJoinReply> => this.ask("Join", channelId, slot);
  readonly leave = (channelId: string, slot: number): Promise<void> => this.ask("Leave", channelId, slot);
  readonly requestFloor = (channelId: string): Promise<HubFloorReply> => this.ask("RequestFloor", channelId);
  readonly releaseFloor = (channelId: string): Promise<void> => this.ask("ReleaseFloor", channelId);
  readonly moveQueued = (channelId: string, requestId: number, position: number): Promise<string> =>
    this.ask("MoveQueued", channelId, requestId, position);
  readonly removeQueued = (channelId: string, requestId: number): Promise<string> => this.ask("RemoveQueued", channelId, requestId);
  readonly preemptFloor = (channelId: string, requestId: number): Promise<string> => this.ask("PreemptFloor", channelId, requestId);
  readonly raiseEmergency = (channelId: string): Promise<string> => this.ask("RaiseEmergency", channelId);
  readonly cancelEmergency = (channelId: string, unitId: string): Promise<string> => this.ask("CancelEmergency", channelId, unitId);
  readonly watchQueues = (watch: boolean): Promise<HubFloorQueue[]> => this.ask("WatchQueues", watch);
  readonly watchCameras = (watch: boolean): Promise<HubCamera[]> => this.ask("WatchCameras", watch);

  private async ask<M extends keyof HubServerMethods>(
    method: M,
    ...args: Parameters<HubServerMethods[M]>
  ): Promise<ReturnType<HubServerMethods[M]>> {
    const { connection } = this;
    if (connection === null || connection.state !== HubConnectionState.Connected) throw new Error("not connected");
    return await connection.invoke<ReturnType<HubServerMethods[M]>>(method, ...args);
  }

  private async connect(): Promise<void> {
    const connection = this.build();
    this.connection = connection;
    this.closingReason = "";
    const timeout = window.setTimeout(() => void connection.stop(), connectTimeoutMs);
    try {
      await connection.start();
      const hello = await connection.invoke<ServerHello>("Hello", { protocolVersion, page: this.options.page });
      window.clearTimeout(timeout);
      if (this.connection !== connection || connection.state !== HubConnectionState.Connected) return;
      this.attempt = 0;
      forgetReload();
      log("hub", `connected to instance ${hello.serverInstance}`);
      this.state.set({ name: "connected" });
      this.handlers.hello(hello);
    } catch (thrown) {
      window.clearTimeout(timeout);
      if (this.connection === connection) this.connection = null;
      await connection.stop().catch(() => undefined);
      if (this.closed || this.state.get().name === "stopped") return;
      log("hub", `connect failed: ${reasonOf(thrown)}`);
      await this.handlers.connectFailed().catch(() => undefined);
      this.retry("unreachable");
    }
  }

  private build(): HubConnection {
    const connection = new HubConnectionBuilder()
      .withUrl("/hub", {
        skipNegotiation: true,
        transport: HttpTransportType.WebSockets,
        accessTokenFactory: () => this.options.accessToken(),
      })
      .withHubProtocol(new MessagePackHubProtocol())
      .withServerTimeout(serverTimeoutMs)
      .withKeepAliveInterval(keepAliveMs)
      .configureLogging(LogLevel.None)
      .build();
    this.listen(connection, {
      Floors: (floors) => this.handlers.floors(floors),
      FloorRevoked: (revoked) => this.handlers.floorRevoked(revoked),
      FloorGranted: (granted) => this.handlers.floorGranted(granted),
      FloorQueued: (queued) => this.handlers.floorQueued(queued),
      FloorQueues: (queues) => this.handlers.floorQueues(queues),
      Channels: (channels) => this.handlers.channels(channels),
      Cameras: (cameras) => this.handlers.cameras(cameras),
      VoiceEnded: (ended) => this.handlers.voiceEnded(ended),
      Closing: (reason) => {
        this.closingReason = reason;
      },
    });
    connection.onclose((error) => this.handleClose(connection, error));
    return connection;
  }

  private listen(connection: HubConnection, methods: HubClientMethods): void {
    for (const [name, method] of Object.entries(methods)) connection.on(name, method);
  }

  private handleClose(connection: HubConnection, error: Error | undefined): void {
    if (this.connection !== connection) return;
    this.connection = null;
    const reason = this.closingReason;
    log("hub", `closed: ${reason || (error === undefined ? "by this page" : error.message)}`);
    this.handlers.lost();
    if (this.closed) return;
    if (reason === "signedOut") this.handlers.signedOut();
    else if (reason === "replaced" || reason === "protocolVersion") this.halt(reason);
    else this.retry(reason || "linkLost");
  }

  private halt(reason: string): void {
    this.state.set({ name: "stopped", reason });
    if (reason === "protocolVersion") reloadOnce(protocolVersion, () => window.location.reload());
  }

  private retry(reason: string): void {
    if (this.closed || this.timer !== null || this.connection !== null) return;
    if (this.state.get().name === "stopped") return;
    const delayMs = reconnectDelayMs(this.attempt, this.options.random(), bounds);
    this.attempt += 1;
    this.state.set({ name: "reconnecting", reason, retryAtMs: nowMs() + delayMs });
    this.timer = window.setTimeout(() => this.open(), delayMs);
  }

  private readonly retryNow = (): void => {
    if (this.timer === null) return;
    window.clearTimeout(this.timer);
    this.attempt = 0;
    this.open();
  };

  /** Timers of a hidden page run late; whoever looks at it should not wait for one. */
  private readonly retryWhenShown = (): void => {
    if (document.visibilityState === "visible") this.retryNow();
  };

  private readonly dropNow = (): void => {
    void this.connection?.stop();
  };

  /** Takes the link back after another page had replaced this one. */
  resume(): void {
    if (this.state.get().name !== "stopped") return;
    this.state.set({ name: "connecting" });
    this.open();
  }
}
