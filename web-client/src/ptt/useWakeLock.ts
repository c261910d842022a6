import { useEffect } from "react";
import { log, reasonOf } from "../lib/log";

/** Keeps the screen on while the page is visible, where the browser can. */
export function useWakeLock(wanted: boolean): void {
  useEffect(() => {
    if (!wanted || !("wakeLock" in navigator)) return;
    let lock: WakeLockSentinel | null = null;
    let ended = false;
    const ask = async (): Promise<void> => {
      if (document.visibilityState !== "visible") return;
      try {
        const got = await navigator.wakeLock.request("screen");
        if (ended) await got.release();
        else lock = got;
      } catch (thrown) {
        log("wakelock", reasonOf(thrown));
      }
    };
    const renew = (): void => void ask();
    document.addEventListener("visibilitychange", renew);
    void ask();
    return () => {
      ended = true;
      document.removeEventListener("visibilitychange", renew);
      lock?.release().catch((thrown: unknown) => log("wakelock", reasonOf(thrown)));
    };
  }, [wanted]);
}
