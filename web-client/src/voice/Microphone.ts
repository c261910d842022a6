import { log, reasonOf } from "../lib/log";
import { readStored } from "../lib/storage";
import { Store } from "../lib/store";

export type MicrophoneState =
  | { name: "off" }
  | { name: "asking" }
  | { name: "ready"; track: MediaStreamTrack }
  | { name: "refused"; cause: "denied" | "missing" | "insecure" | "failed" };

/** The microphone, opened once and kept warm, so that a press costs no capture start. */
export class Microphone {
  readonly state = new Store<MicrophoneState>({ name: "off" });
  private stream: MediaStream | null = null;

  track(): MediaStreamTrack | null {
    const state = this.state.get();
    return state.name === "ready" ? state.track : null;
  }

  async warm(): Promise<void> {
    const { name } = this.state.get();
    if (name === "asking" || name === "ready") return;
    if (!("mediaDevices" in navigator)) {
      this.state.set({ name: "refused", cause: "insecure" });
      return;
    }
    this.state.set({ name: "asking" });
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: captureConstraints(), video: false });
      const [track] = this.stream.getAudioTracks();
      if (track === undefined) throw new DOMException("no audio track", "NotFoundError");
      track.contentHint = "speech";
      track.addEventListener("ended", () => this.handleEnded());
      this.state.set({ name: "ready", track });
      log("microphone", "warm");
    } catch (thrown) {
      log("microphone", `refused: ${reasonOf(thrown)}`);
      this.state.set({ name: "refused", cause: causeOf(thrown) });
    }
  }

  stop(): void {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.state.set({ name: "off" });
  }

  /** Unplugged, or taken by the system: the next device takes its place. */
  private handleEnded(): void {
    log("microphone", "ended");
    this.stop();
    void this.warm();
  }
}

/** "raw" in localStorage key comms.microphone turns the browser's speech processing off, for measurements and line-in. */
function captureConstraints(): MediaTrackConstraints {
  const processed = readStored("comms.microphone") !== "raw";
  return {
    channelCount: 1,
    echoCancellation: processed,
    noiseSuppression: processed,
    autoGainControl: processed,
  };
}

function causeOf(thrown: unknown): "denied" | "missing" | "failed" {
  const name = thrown instanceof DOMException ? thrown.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  return name === "NotFoundError" || name === "OverconstrainedError" ? "missing" : "failed";
}
