import type { ReleaseReason } from "../ptt/pttEvents";

/** Tells when the user cannot be holding a talk button any more: the page lost the focus, is hidden or goes away. Returns the undo. */
export function watchLeaving(leave: (reason: ReleaseReason) => void): () => void {
  const blur = (): void => leave("blur");
  const hide = (): void => {
    if (document.visibilityState === "hidden") leave("hidden");
  };
  const away = (): void => leave("hidden");
  window.addEventListener("blur", blur);
  window.addEventListener("pagehide", away);
  document.addEventListener("visibilitychange", hide);
  return () => {
    window.removeEventListener("blur", blur);
    window.removeEventListener("pagehide", away);
    document.removeEventListener("visibilitychange", hide);
  };
}
