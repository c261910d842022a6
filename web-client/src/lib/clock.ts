/** The one place that reads the real clock; milliseconds since 1970 (UTC). */
export function nowMs(): number {
  return Date.now();
}

/** Offset of the server's clock, so that elapsed times agree with what the server reports. */
export class ServerClock {
  private offsetMs = 0;

  apply(serverTimeMs: number): void {
    this.offsetMs = serverTimeMs - nowMs();
  }

  nowMs(): number {
    return nowMs() + this.offsetMs;
  }
}

/** "0:07", "12:40", "1:02:03". */
export function formatElapsed(elapsedMs: number): string {
  const totalSeconds = Math.max(0, Math.floor(elapsedMs / 1000));
  const seconds = String(totalSeconds % 60).padStart(2, "0");
  const minutes = Math.floor(totalSeconds / 60) % 60;
  const hours = Math.floor(totalSeconds / 3600);
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

/** "14:03:59" in the browser's time zone. */
export function formatClock(atMs: number): string {
  const at = new Date(atMs);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}
