import { createContext, useContext } from "react";
import { useStore } from "../lib/store";
import type { LinkSummary } from "./linkSummary";
import { summarizeLink } from "./linkSummary";
import type { VoiceController } from "./VoiceController";

export const VoiceContext = createContext<VoiceController | null>(null);

export function useVoice(): VoiceController {
  const voice = useContext(VoiceContext);
  if (voice === null) throw new Error("This view belongs inside a signed-in page.");
  return voice;
}

export function useLinkSummary(): LinkSummary {
  const { signal, voice } = useVoice();
  return summarizeLink(useStore(signal.state), useStore(voice.state));
}
