import type { RetryPolicy } from "../define-job.ts";

export const DEFAULT_MAX_ATTEMPTS = 10;

/**
 * Milliseconds until the next attempt.
 * @param attempt the one that failed, from 1
 * @param random 0 to 1
 */
export function backOff({ firstDelayMs = 1_000, factor = 3, maxDelayMs = 3_600_000, jitter = 0.5 }: RetryPolicy, attempt: number, random: number): number {
  const delay = Math.min(maxDelayMs, firstDelayMs * factor ** (attempt - 1));
  return delay * (1 - jitter * random);
}
