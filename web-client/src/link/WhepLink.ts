import { nowMs } from "../lib/clock";
import { log, reasonOf } from "../lib/log";
import { Store } from "../lib/store";
import { restartFragment, withCredentials } from "./iceRestart";
import { reconnectDelayMs } from "./ReconnectPolicy";
import { framesDecodedOf, refusalOf } from "./whepReplies";

const bounds = { firstMs: 500, maxMs: 8_000 };
const connectTimeoutMs = 15_000;
const checkMs = 1_000;
/** A picture that stands still this long is called lost; the peer connection stays, the camera may come back on it. */
const stallMs = 4_000;

export type WhepState =
  | { name: "connecting" }
  | { name: "live"; sinceMs: number }
  | { name: "reconnecting"; reason: string };

/** Which of a camera's streams: the small one for tiles, or the picture at its best. */
export type WhepProfile = "main" | "sub";

export interface WhepOptions {
  cameraId: string;
  profile: WhepProfile;
  accessToken(): Promise<string>;
  random(): number;
}

/** One camera in one tile by WHEP: offer, answer, watch, retry for ever, DELETE on close. */
export class WhepLink {
  readonly state = new Store<WhepState>({ name: "connecting" });
  readonly stream = new Store<MediaStream | null>(null);
  private current: RTCPeerConnection | null = null;
  private location: string | null = null;
  private profile: WhepProfile;
  private timer: number | null = null;
  private attempt = 0;
  private framesDecoded = 0;
  private frameAtMs = 0;
  private closed = false;
  private readonly checker: number;

  constructor(private readonly options: WhepOptions) {
    this.profile = options.profile;
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

  /** The other stream takes over at its first key frame; the session and the shown picture stay until then. */
  show(profile: WhepProfile): void {
    if (profile === this.profile) return;
    this.profile = profile;
    void this.askForLayer();
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
    peer.addTransceiver("video", { direction: "recvonly" });
    peer.addTransceiver("audio", { direction: "recvonly" });
    const tracks: MediaStreamTrack[] = [];
    peer.onconnectionstatechange = () => this.watch(peer);
    peer.ontrack = (event) => {
      tracks.push(event.track);
      if (this.current === peer) this.stream.set(new MediaStream(tracks));
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
    const profile = this.profile;
    const response = await fetch(`/whep/${encodeURIComponent(this.options.cameraId)}?profile=${profile}`, {
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
    if (this.profile !== profile) void this.askForLayer();
    await peer.setRemoteDescription({ type: "answer", sdp: text });
    return null;
  }

  /** A session that is only being made asks for the profile itself, and once more when that changed meanwhile. */
  private async askForLayer(): Promise<void> {
    const { location } = this;
    if (location === null) return;
    try {
      const response = await fetch(`${location}/layer`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${await this.options.accessToken()}` },
        body: JSON.stringify({ encodingId: this.profile }),
      });
      if (!response.ok) log("whep", `${this.options.cameraId}: layer ${this.profile}: HTTP ${response.status}`);
    } catch (thrown) {
      log("whep", `${this.options.cameraId}: layer ${this.profile}: ${reasonOf(thrown)}`);
    }
  }

  private watch(peer: RTCPeerConnection): void {
    if (this.current !== peer) return;
    const state = peer.connectionState;
    if (state === "connected") {
      this.clearTimer();
      this.frameAtMs = nowMs();
    } else if (state === "disconnected") void this.restart(peer);
    else if (state === "failed" || state === "closed") this.again("linkLost");
  }

  /** The way to the server was lost, perhaps because this machine has another address now: the session goes on by a new one. */
  private async restart(peer: RTCPeerConnection): Promise<void> {
    const { location } = this;
    if (location === null) return this.again("linkLost");
    this.state.set({ name: "reconnecting", reason: "linkLost" });
    this.clearTimer();
    this.timer = window.setTimeout(() => this.again("timeout"), connectTimeoutMs);
    try {
      peer.restartIce();
      await peer.setLocalDescription();
      const response = await fetch(location, {
        method: "PATCH",
        headers: {
          "content-type": "application/trickle-ice-sdpfrag",
          "if-match": "*",
          authorization: `Bearer ${await this.options.accessToken()}`,
        },
        body: restartFragment(peer.localDescription?.sdp ?? ""),
      });
      const sdp = response.ok ? withCredentials(peer.remoteDescription?.sdp ?? "", await response.text()) : null;
      if (this.current !== peer) return;
      if (sdp === null) this.again("linkLost");
      else await peer.setRemoteDescription({ type: "answer", sdp });
    } catch (thrown) {
      log("whep", `${this.options.cameraId}: restart: ${reasonOf(thrown)}`);
      if (this.current === peer) this.again("unreachable");
    }
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
