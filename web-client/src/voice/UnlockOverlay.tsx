import type { ReactNode } from "react";
import { useEffect } from "react";
import { useTranslator } from "../i18n/i18n";
import { useStore } from "../lib/store";
import "./unlock.css";
import { useVoice } from "./VoiceContext";

/** One full-screen tap after a reload: browsers give sound only after a gesture. */
export function UnlockOverlay(): ReactNode {
  const { t } = useTranslator();
  const voice = useVoice();
  const locked = useStore(voice.loudspeaker.locked);
  useEffect(() => {
    if (!locked) void voice.microphone.warm();
  }, [locked, voice]);
  if (!locked) return null;
  return (
    <button type="button" className="unlock" data-testid="unlock" autoFocus onClick={() => void voice.unlock()}>
      <svg viewBox="0 0 64 64" aria-hidden="true">
        <path d="M10 25h11l15-12v38L21 39H10z" fill="currentColor" />
        <g fill="none" stroke="currentColor" strokeWidth="4" strokeLinecap="round">
          <path d="M44 24a12 12 0 0 1 0 16" />
          <path d="M50 17a22 22 0 0 1 0 30" opacity="0.6" />
        </g>
      </svg>
      <strong>{t("unlock.title")}</strong>
      <span>{t("unlock.text")}</span>
    </button>
  );
}
