/*
 * When to try again. The first pause is 100 to 500 ms; for the first 30 s of an outage no pause is longer than a second,
 * after that they grow to 30 s. Random, so that a thousand clients do not return in one instant.
 */

export const QUICK_PERIOD_MS = 30_000;
export const QUICK_MAX_MS = 1_000;
export const SLOW_MAX_MS = 30_000;

/**
 * The pause before the next attempt.
 * @param attempt how many attempts have failed since the connection was lost, from 0
 * @param outageMs how long ago it was lost
 * @param random a number from 0 to 1
 */
export function retryDelay(attempt: number, outageMs: number, random: number): number {
  if (attempt === 0) return 100 + 400 * random;
  if (outageMs < QUICK_PERIOD_MS) return QUICK_MAX_MS * (0.5 + 0.5 * random);
  const doublings = Math.floor((outageMs - QUICK_PERIOD_MS) / QUICK_PERIOD_MS) + 1;
  const longest = Math.min(SLOW_MAX_MS, QUICK_MAX_MS * 2 ** doublings);
  return longest * (0.5 + 0.5 * random);
}
