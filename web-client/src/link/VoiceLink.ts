import { log } from "../lib/log";
import { Store } from "../lib/store";
import type { VoiceAnswer } from "../protocol/hub";
import { PeerLink } from "./PeerLink";
import { reconnectDelayMs } from "./ReconnectPolicy";

const bounds = { firstMs: 300, maxMs: 8_000 };
/** ICE and DTLS take well under a second on a working path; after this time another attempt is better. */
const connectTimeoutMs = 12_000;

export type VoiceState =
  | { name: "off" }
  | { name: "connecting" }
  | { name: "connected" }
  | { name: "reconnecting"; reason: string };

export interface VoiceHandlers {
  negotiate(sdp: string): Promise<VoiceAnswer>;
  /** The session exists on the server: channels can be joined, also before media flows. */
  opened(): void;
  track(slot: number, track: MediaStreamTrack): void;
}

/** Keeps one voice peer connection alive while the hub is connected: a dead one is replaced, for ever. */
export class VoiceLink {
  readonly state = new Store<VoiceState>({ name: "off" });
  private link: PeerLink | null = null;
  private session = "";
  private timer: number | null = null;
  private attempt = 0;
  private wanted = false;

  constructor(
    private readonly handlers: VoiceHandlers,
    private readonly random: () => number,
  ) {}

  /** The hub said hello. Keys and joins of a former connection are gone, so a new peer connection is made. */
  start(): void {
    this.wanted = true;
    this.attempt = 0;
    this.drop();
    void this.open();
  }

  /** The hub is lost. What still plays may play on; nothing new is tried until the next hello. */
  pause(): void {
    this.wanted = false;
    this.clearTimer();
    if (this.state.get().name !== "connected") this.state.set({ name: "off" });
  }

  stop(): void {
    this.wanted = false;
    this.drop();
    this.state.set({ name: "off" });
  }

  /** The server says that a session is gone. */
  ended(session: string, reason: string): void {
    if (session !== this.session || !this.wanted) return;
    log("voice", `session ended: ${reason}`);
    this.again(reason);
  }

  async send(track: MediaStreamTrack | null): Promise<void> {
    await this.link?.send(track);
  }

  peer(): RTCPeerConnection | null {
    return this.link?.peer ?? null;
  }

  tracks(): MediaStreamTrack[] {
    return this.link?.tracks() ?? [];
  }

  private async open(): Promise<void> {
    this.timer = null;
    this.state.set(this.attempt === 0 ? { name: "connecting" } : { name: "reconnecting", reason: "" });
    const link = new PeerLink({
      track: (slot, track) => this.handlers.track(slot, track),
      connected: () => {
        this.attempt = 0;
        this.clearTimer();
        this.state.set({ name: "connected" });
      },
      lost: (state) => {
        if (this.link === link) this.again(state);
      },
    });
    this.link = link;
    const opening = await link.open(this.handlers.negotiate);
    if (this.link !== link) return;
    if (!opening.opened) {
      this.again(opening.refusal);
      return;
    }
    this.session = opening.session;
    this.handlers.opened();
    if (link.peer.connectionState !== "connected") {
      this.timer = window.setTimeout(() => this.again("timeout"), connectTimeoutMs);
    }
  }

  private again(reason: string): void {
    this.drop();
    if (!this.wanted) {
      this.state.set({ name: "off" });
      return;
    }
    const delayMs = reconnectDelayMs(this.attempt, this.random(), bounds);
    this.attempt += 1;
    this.state.set({ name: "reconnecting", reason });
    this.timer = window.setTimeout(() => void this.open(), delayMs);
  }

  private drop(): void {
    this.clearTimer();
    this.link?.close();
    this.link = null;
    this.session = "";
  }

  private clearTimer(): void {
    if (this.timer !== null) window.clearTimeout(this.timer);
    this.timer = null;
  }
}
