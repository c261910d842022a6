import { reasonOf } from "../lib/log";
import { decodeProblem } from "../protocol/api";

/** A still picture of a camera and how old it was when the server gave it. */
export interface Snapshot {
  picture: Blob;
  ageMs: number;
}

/** The picture, or the server's reason why there is none. */
export async function takeSnapshot(cameraId: string, token: string): Promise<Snapshot | string> {
  try {
    const response = await fetch(`/api/v1/cameras/${encodeURIComponent(cameraId)}/snapshot`, {
      headers: { authorization: `Bearer ${token}` },
    });
    if (!response.ok) return decodeProblem(response.status, await problemOf(response)).code || `HTTP ${response.status}`;
    return { picture: await response.blob(), ageMs: Number(response.headers.get("comms-age-ms") ?? 0) };
  } catch (thrown) {
    return reasonOf(thrown);
  }
}

async function problemOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}
