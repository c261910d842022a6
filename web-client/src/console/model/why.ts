import type { Translator } from "../../i18n/i18n";
import { formatClock } from "../../lib/clock";

/** What is known of a camera, from the list or from the hub. */
export interface CameraNow {
  state: string;
  reason: string;
  condition: string;
  conditionReason: string;
  conditionSinceMs: number;
}

const dayMs = 86_400_000;

/** A reason of the server in the reader's language; numbers in it stay numbers. */
export function reasonText({ t, word }: Translator, reason: string): string {
  const late = /^key frame every (\d+) s$/.exec(reason);
  if (late !== null) return t("reason.keyFrameEvery", { seconds: late[1] ?? "" });
  const status = /^the camera answers (\d+)$/.exec(reason);
  if (status !== null) return t("reason.cameraAnswers", { status: status[1] ?? "" });
  return word("reason", reason);
}

/** The answer to "why can't I see it?": what ails the camera, since when and why; "" when nothing does. */
export function whyDark(translator: Translator, camera: CameraNow, nowMs: number): string {
  const { t } = translator;
  if (camera.state === "live" && camera.condition !== "degraded") return "";
  if (camera.condition === "offline" || camera.condition === "faulty" || camera.condition === "degraded") {
    const reason = reasonText(translator, camera.conditionReason);
    return t(`camera.why.${camera.condition}`, { since: sinceText(camera.conditionSinceMs, nowMs), reason });
  }
  if (camera.state === "reconnecting" && camera.reason !== "") {
    return t("camera.reconnectingWhy", { reason: reasonText(translator, camera.reason) });
  }
  if (camera.state === "connecting" && camera.reason !== "connecting") return camera.reason === "" ? "" : reasonText(translator, camera.reason);
  return "";
}

/** "12:03" today, "2026-01-31 12:03" on another day. */
export function sinceText(sinceMs: number, nowMs: number): string {
  const clock = formatClock(sinceMs).slice(0, 5);
  const at = new Date(sinceMs);
  const isToday = Math.abs(nowMs - sinceMs) < dayMs && at.getDate() === new Date(nowMs).getDate();
  if (isToday) return clock;
  const [month, day] = [at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, "0"));
  return `${at.getFullYear()}-${month}-${day} ${clock}`;
}
