import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { publishDiagnostics } from "../debug/diagnostics";
import { useStore } from "../lib/store";
import type { SessionKeeper } from "../link/SessionKeeper";
import type { Account } from "../protocol/api";
import { VoiceContext } from "../voice/VoiceContext";
import { VoiceController } from "../voice/VoiceController";
import { PasswordForm } from "./PasswordForm";
import { SignInForm } from "./SignInForm";

interface SessionGateProps {
  session: SessionKeeper;
  page: "ptt" | "console";
  /** Accounts that this page is not for see why. */
  admits(account: Account): boolean;
  children: ReactNode;
}

/** Shows the page to a signed-in account, and until then the way there. */
export function SessionGate({ session, page, admits, children }: SessionGateProps): ReactNode {
  const state = useStore(session.state);
  // The password just typed spares its owner typing it again on the way to a new one.
  const [typed, setTyped] = useState("");
  if (state.name === "signedOut") {
    return <SignInForm session={session} page={page} ended={state.ended} onSignedIn={setTyped} />;
  }
  if (state.account.mustChangePassword) {
    return <PasswordForm session={session} page={page} oldPassword={typed} />;
  }
  if (!admits(state.account)) return <SignInForm session={session} page={page} ended={false} notAdmitted />;
  return (
    <VoiceScope key={state.account.id} session={session} page={page}>
      {children}
    </VoiceScope>
  );
}

interface VoiceScopeProps {
  session: SessionKeeper;
  page: "ptt" | "console";
  children: ReactNode;
}

/** One voice controller for as long as one account is signed in. */
function VoiceScope({ session, page, children }: VoiceScopeProps): ReactNode {
  const [voice, setVoice] = useState<VoiceController | null>(null);
  useEffect(() => {
    const opened = new VoiceController(session, page);
    publishDiagnostics({ peer: () => opened.voice.peer(), slots: () => opened.voice.tracks() });
    setVoice(opened);
    return () => {
      setVoice(null);
      void opened.close();
    };
  }, [session, page]);
  // Renewing the token in time keeps it valid for every request; the hub reads it at its next connection.
  useEffect(() => {
    let timer = 0;
    const arm = (): void => {
      timer = window.setTimeout(() => void session.accessToken().finally(arm), Math.max(5_000, session.refreshInMs()));
    };
    arm();
    return () => window.clearTimeout(timer);
  }, [session]);
  if (voice === null) return null;
  return <VoiceContext.Provider value={voice}>{children}</VoiceContext.Provider>;
}
