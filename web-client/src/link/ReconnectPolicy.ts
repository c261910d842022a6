/** How long to wait before a try. Pure: the attempt and a random number in [0, 1) decide. */
export interface ReconnectBounds {
  firstMs: number;
  maxMs: number;
}

/**
 * Exponential from firstMs, at most maxMs, spread over [half, whole] of it, so that twenty thousand phones that lost one
 * server do not come back in one second. Attempt 0 is spread over [0, firstMs]. There is no last attempt.
 */
export function reconnectDelayMs(attempt: number, random: number, bounds: ReconnectBounds): number {
  if (attempt <= 0) return Math.round(random * bounds.firstMs);
  const wholeMs = Math.min(bounds.maxMs, bounds.firstMs * 2 ** Math.min(attempt, 20));
  return Math.round(wholeMs / 2 + (random * wholeMs) / 2);
}
