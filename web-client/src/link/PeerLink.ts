import { log, reasonOf } from "../lib/log";
import type { VoiceAnswer } from "../protocol/hub";
import { withAudioNack, withoutCongestionFeedback } from "./sdpOffer";

/** Slot 0 may talk; the further slots only listen. Negotiated once, never again. */
export const slotCount = 4;

/** What became of an attempt to open the peer connection. */
export type PeerOpening = { opened: true; session: string } | { opened: false; refusal: string };

export interface PeerHandlers {
  track(slot: number, track: MediaStreamTrack): void;
  connected(): void;
  /** The connection is dead and has been closed; a new one must be made. */
  lost(state: RTCPeerConnectionState): void;
}

/** The only user of RTCPeerConnection for voice: one connection from offer to death, never renegotiated. */
export class PeerLink {
  readonly peer: RTCPeerConnection;
  private readonly sender: RTCRtpSender;
  private closed = false;

  constructor(private readonly handlers: PeerHandlers) {
    this.peer = new RTCPeerConnection({ iceServers: [], bundlePolicy: "max-bundle" });
    const talkSlot = this.peer.addTransceiver("audio", { direction: "sendrecv" });
    this.sender = talkSlot.sender;
    preferOpus(talkSlot);
    for (let slot = 1; slot < slotCount; slot += 1) {
      preferOpus(this.peer.addTransceiver("audio", { direction: "recvonly" }));
    }
    this.peer.onconnectionstatechange = this.watch;
  }

  /** Offers, applies the answer and reports every slot's track. A thrown error is a refusal in words. */
  async open(negotiate: (sdp: string) => Promise<VoiceAnswer>): Promise<PeerOpening> {
    try {
      await this.describe();
      const sdp = withoutCongestionFeedback(this.peer.localDescription?.sdp ?? "");
      const answer = await negotiate(sdp);
      if (this.closed) return { opened: false, refusal: "closed" };
      if (answer.refusal !== "" && answer.refusal !== "none") return { opened: false, refusal: answer.refusal };
      await this.peer.setRemoteDescription({ type: "answer", sdp: answer.sdp });
      this.peer.getTransceivers().forEach((transceiver, slot) => {
        this.handlers.track(slot, transceiver.receiver.track);
      });
      return { opened: true, session: answer.session };
    } catch (thrown) {
      log("voice", `open failed: ${reasonOf(thrown)}`);
      return { opened: false, refusal: "failed" };
    }
  }

  private async describe(): Promise<void> {
    const { sdp } = await this.peer.createOffer();
    try {
      await this.peer.setLocalDescription({ type: "offer", sdp: withAudioNack(sdp ?? "") });
    } catch (thrown) {
      log("voice", `offer without NACK: ${reasonOf(thrown)}`);
      await this.peer.setLocalDescription();
    }
  }

  /** Puts the microphone on the wire; done on press, before the grant. Null takes it off: an idle phone sends no packet. */
  async send(track: MediaStreamTrack | null): Promise<void> {
    if (this.closed) return;
    await this.sender.replaceTrack(track);
  }

  tracks(): MediaStreamTrack[] {
    return this.peer.getTransceivers().map((transceiver) => transceiver.receiver.track);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.peer.onconnectionstatechange = null;
    this.peer.close();
  }

  private readonly watch = (): void => {
    const state = this.peer.connectionState;
    log("voice", `peer ${state}`);
    if (state === "connected") {
      this.handlers.connected();
      return;
    }
    if (state !== "failed" && state !== "disconnected" && state !== "closed") return;
    this.close();
    this.handlers.lost(state);
  };
}

/** Opus first and RED beside it: what the server forwards. A browser without the call offers everything it has. */
function preferOpus(transceiver: RTCRtpTransceiver): void {
  const codecs = RTCRtpReceiver.getCapabilities("audio")?.codecs ?? [];
  const opus = codecs.filter((codec) => codec.mimeType.toLowerCase() === "audio/opus");
  const red = codecs.filter((codec) => codec.mimeType.toLowerCase() === "audio/red");
  if (opus.length > 0 && "setCodecPreferences" in transceiver) transceiver.setCodecPreferences([...opus, ...red]);
}
