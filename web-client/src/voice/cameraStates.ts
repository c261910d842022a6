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
