import { log, reasonOf } from "../lib/log";
import type { Store } from "../lib/store";
import type { SignalLink } from "../link/SignalLink";
import type { HubCamera } from "../protocol/hub";

/** The newest state of every camera that the hub told about; a camera it did not tell about is idle. */
export type CameraStates = Readonly<Record<string, HubCamera>>;

/** News are changes: each replaces what is known of its camera. */
export function applyCameraStates(states: CameraStates, changed: readonly HubCamera[]): CameraStates {
  if (changed.length === 0) return states;
  const next: Record<string, HubCamera> = { ...states };
  for (const camera of changed) next[camera.cameraId] = camera;
  return next;
}

/** Fills the store with every camera that is not idle; changes come by the hub from then on. */
export async function watchCameras(signal: SignalLink, states: Store<CameraStates | null>): Promise<void> {
  try {
    const busy = await signal.watchCameras(true);
    states.set(applyCameraStates({}, busy));
  } catch (thrown) {
    log("hub", `cameras: ${reasonOf(thrown)}`);
  }
}
