import { decodeProblem } from "../protocol/api";

/** Pictures that the decoder has made so far. */
export async function framesDecodedOf(peer: RTCPeerConnection): Promise<number> {
  let frames = 0;
  (await peer.getStats()).forEach((stats: { type: string; framesDecoded?: number }) => {
    if (stats.type === "inbound-rtp") frames += stats.framesDecoded ?? 0;
  });
  return frames;
}

/** Why the server refused, in its own words. */
export function refusalOf(status: number, text: string): string {
  const problem = decodeProblem(status, parse(text));
  return problem.code || problem.detail || `HTTP ${status}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
