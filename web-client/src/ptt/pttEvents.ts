import type { HubFloor, HubFloorReply } from "../protocol/hub";

/** Why a press ended. */
export type ReleaseReason = "pointerUp" | "pointerCancel" | "keyUp" | "blur" | "hidden" | "otherChannel" | "left";

/** What happens to the machine. */
export type PttEvent =
  | { name: "press"; microphone: boolean }
  | { name: "release"; reason: ReleaseReason }
  | { name: "reply"; attempt: number; reply: HubFloorReply }
  | { name: "requestFailed"; attempt: number; cause: string }
  | { name: "released"; attempt: number }
  | { name: "place"; position: number }
  | { name: "grantedInTurn"; burstId: number; talkLimitMs: number }
  | { name: "revoked"; burstId: number; cause: string }
  | { name: "floor"; floor: HubFloor }
  | { name: "link"; up: boolean }
  | { name: "tick" };

/** What the machine asks of the effect runner. */
export type PttEffect =
  | { name: "attachMicrophone" }
  | { name: "detachMicrophone" }
  | { name: "requestFloor"; attempt: number }
  | { name: "releaseFloor"; attempt: number }
  | { name: "signal"; signal: "granted" | "denied" | "queued" | "revoked" | "limitNear" | "emergency" };
