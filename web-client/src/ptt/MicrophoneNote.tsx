import type { ReactNode } from "react";
import { useTranslator } from "../i18n/i18n";
import { useStore } from "../lib/store";
import { useVoice } from "../voice/VoiceContext";

/** Says why one can listen but not talk; nothing while the microphone is well. */
export function MicrophoneNote(): ReactNode {
  const { t } = useTranslator();
  const voice = useVoice();
  const state = useStore(voice.microphone.state);
  if (state.name === "asking") return <p className="microphone-note">{t("mic.asking")}</p>;
  if (state.name !== "refused") return null;
  return (
    <p className="microphone-note" role="alert" data-testid="microphone-note">
      {t(`mic.${state.cause}`)}
      {state.cause !== "insecure" && (
        <button type="button" onClick={() => void voice.microphone.warm()}>
          {t("mic.retry")}
        </button>
      )}
    </p>
  );
}
