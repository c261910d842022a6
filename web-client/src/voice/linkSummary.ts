import type { SignalState } from "../link/SignalLink";
import type { VoiceState } from "../link/VoiceLink";

/** What the user is told about the link: the hub first, then voice. */
export type LinkSummary = "connected" | "connecting" | "reconnecting" | "voice" | "replaced" | "outdated";

export function summarizeLink(signal: SignalState, voice: VoiceState): LinkSummary {
  switch (signal.name) {
    case "connecting":
      return "connecting";
    case "reconnecting":
      return "reconnecting";
    case "stopped":
      return signal.reason === "replaced" ? "replaced" : "outdated";
    case "connected":
      if (voice.name === "connected") return "connected";
      return voice.name === "reconnecting" ? "reconnecting" : "voice";
  }
}
