import { loggedLines } from "../lib/log";

/** Read-only view of a page's media for tests and support; see web-client/README.md. */
export interface Diagnostics {
  peer(): RTCPeerConnection | null;
  slots(): MediaStreamTrack[];
  tiles(): Record<string, RTCPeerConnection>;
  log(): readonly string[];
}

declare global {
  interface Window {
    comms?: Diagnostics;
  }
}

const nothing: Diagnostics = { peer: () => null, slots: () => [], tiles: () => ({}), log: loggedLines };

export function publishDiagnostics(parts: Partial<Diagnostics>): void {
  window.comms = { ...(window.comms ?? nothing), ...parts };
}
