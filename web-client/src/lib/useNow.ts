import { useEffect, useState } from "react";

/** A clock reading that renews itself, for elapsed times and countdowns. */
export function useNow(read: () => number, everyMs: number): number {
  const [now, setNow] = useState(read);
  useEffect(() => {
    const timer = window.setInterval(() => setNow(read()), everyMs);
    return () => window.clearInterval(timer);
  }, [read, everyMs]);
  return now;
}
