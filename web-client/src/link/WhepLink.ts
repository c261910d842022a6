import { nowMs } from "../lib/clock";
import { log, reasonOf } from "../lib/log";
import { Store } from "../lib/store";
import { decodeProblem } from "../protocol/api";
import { reconnectDelayMs } from "./ReconnectPolicy";

const bounds = { firstMs: 500, maxMs: 8_000 };
const connectTimeoutMs = 15_000;
const checkMs = 1_000;
/** A picture that stands still this long is called lost; the peer connection stays, the camera may come back on it. */
const stallMs = 4_000;

export type WhepState =
  | { name: "connecting" }
  | { name: "live"; sinceMs: number }
  | { name: "reconnecting"; reason: string };

export interface WhepOptions {
  cameraId: string;
  accessToken(): Promise<string>;
  random(): number;
}

/** One camera in one tile by WHEP: offer, answer, watch, retry for ever, DELETE on close. */
export class WhepLink {
  readonly state = new Store<WhepState>({ name: "connecting" });
  readonly stream = new Store<MediaStream | null>(null);
  private current: RTCPeerConnection | null = null;
  private location: string | null = null;
  private timer: number | null = null;
  private attempt = 0;
  private framesDecoded = 0;
  private frameAtMs = 0;
  private closed = false;
  private readonly checker: number;

  constructor(private readonly options: WhepOptions) {
    this.checker = window.setInterval(() => void this.check(), checkMs);
    window.addEventListener("pagehide", this.leave);
    void this.open();
  }

  peer(): RTCPeerConnection | null {
    return this.current;
  }

  /** The video element shows a first picture: live at once, not at the next check. */
  pictureShown(): void {
    if (this.current?.connectionState === "connected") this.handleFrame();
  }

  close(): void {
    this.closed = true;
    window.clearInterval(this.checker);
    window.removeEventListener("pagehide", this.leave);
    this.drop();
  }

  private async open(): Promise<void> {
    this.timer = null;
    const peer = new RTCPeerConnection({ iceServers: [], bundlePolicy: "max-bundle" });
    this.current = peer;
    this.framesDecoded = 0;
    const video = peer.addTransceiver("video", { direction: "recvonly" });
    preferH264(video);
    peer.onconnectionstatechange = () => this.watch(peer);
    peer.ontrack = (event) => {
      if (this.current === peer) this.stream.set(new MediaStream([event.track]));
    };
    try {
      await peer.setLocalDescription();
      const refusal = await this.post(peer);
      if (this.current !== peer) return;
      if (refusal !== null) this.again(refusal);
      else this.timer = window.setTimeout(() => this.again("timeout"), connectTimeoutMs);
    } catch (thrown) {
      log("whep", `${this.options.cameraId}: ${reasonOf(thrown)}`);
      if (this.current === peer) this.again("unreachable");
    }
  }

  /** Null when the answer was applied, else the reason in the server's words. */
  private async post(peer: RTCPeerConnection): Promise<string | null> {
    const token = await this.options.accessToken();
    const response = await fetch(`/whep/${encodeURIComponent(this.options.cameraId)}`, {
      method: "POST",
      headers: { "content-type": "application/sdp", accept: "application/sdp", authorization: `Bearer ${token}` },
      body: peer.localDescription?.sdp ?? "",
    });
    const text = await response.text();
    if (!response.ok) return refusalOf(response.status, text);
    const location = response.headers.get("location");
    if (this.closed || this.current !== peer) {
      if (location !== null) void deleteSession(location, token);
      return null;
    }
    this.location = location;
    await peer.setRemoteDescription({ type: "answer", sdp: text });
    return null;
  }

  private watch(peer: RTCPeerConnection): void {
    if (this.current !== peer) return;
    const state = peer.connectionState;
    if (state === "connected") {
      this.clearTimer();
      this.frameAtMs = nowMs();
    } else if (state === "failed" || state === "disconnected" || state === "closed") this.again("linkLost");
  }

  /** Live is what the decoder says: frames are shown. */
  private async check(): Promise<void> {
    const peer = this.current;
    if (peer === null || peer.connectionState !== "connected") return;
    const frames = await framesDecodedOf(peer);
    if (this.current !== peer || this.closed) return;
    if (frames > this.framesDecoded) {
      this.framesDecoded = frames;
      this.handleFrame();
    } else if (this.state.get().name === "live" && nowMs() - this.frameAtMs > stallMs) {
      this.state.set({ name: "reconnecting", reason: "noPicture" });
    }
  }

  private handleFrame(): void {
    this.frameAtMs = nowMs();
    this.attempt = 0;
    if (this.state.get().name !== "live") this.state.set({ name: "live", sinceMs: nowMs() });
  }

  private again(reason: string): void {
    this.drop();
    if (this.closed) return;
    const delayMs = reconnectDelayMs(this.attempt, this.options.random(), bounds);
    this.attempt += 1;
    log("whep", `${this.options.cameraId}: ${reason}, again in ${delayMs} ms`);
    this.state.set({ name: "reconnecting", reason });
    this.timer = window.setTimeout(() => void this.open(), delayMs);
  }

  private drop(): void {
    this.clearTimer();
    this.leave();
    const peer = this.current;
    this.current = null;
    if (peer === null) return;
    peer.onconnectionstatechange = null;
    peer.ontrack = null;
    peer.close();
  }

  private clearTimer(): void {
    if (this.timer !== null) window.clearTimeout(this.timer);
    this.timer = null;
  }

  /** Tells the server; also when the page goes away, so that the relay need not wait for a timeout. */
  private readonly leave = (): void => {
    const { location } = this;
    this.location = null;
    if (location === null) return;
    this.options
      .accessToken()
      .then((token) => deleteSession(location, token))
      .catch((thrown: unknown) => log("whep", `leave: ${reasonOf(thrown)}`));
  };
}

async function deleteSession(location: string, token: string): Promise<void> {
  await fetch(location, { method: "DELETE", headers: { authorization: `Bearer ${token}` }, keepalive: true });
}

async function framesDecodedOf(peer: RTCPeerConnection): Promise<number> {
  let frames = 0;
  (await peer.getStats()).forEach((stats: { type: string; framesDecoded?: number }) => {
    if (stats.type === "inbound-rtp") frames += stats.framesDecoded ?? 0;
  });
  return frames;
}

function refusalOf(status: number, text: string): string {
  const problem = decodeProblem(status, parse(text));
  return problem.code || problem.detail || `HTTP ${status}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function preferH264(transceiver: RTCRtpTransceiver): void {
  const codecs = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
  const h264 = codecs.filter((codec) => codec.mimeType.toLowerCase() === "video/h264");
  const repair = codecs.filter((codec) => codec.mimeType.toLowerCase() === "video/rtx");
  if (h264.length > 0 && "setCodecPreferences" in transceiver) transceiver.setCodecPreferences([...h264, ...repair]);
}
