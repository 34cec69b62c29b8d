import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import type { Overlap } from "./key-store.ts";

/**
 * Until when a former key verifies.
 * @returns null: until it is revoked; undefined: no longer
 * @throws BackendError PLINTH_CONFIG_INVALID where neither `overlapMs` nor `until` says
 */
export function verifyUntil(overlap: Overlap, now = Date.now()): Date | null | undefined {
  const until = endOf(overlap, now);
  if (until === null) return null;
  if (until === undefined || Number.isNaN(until.getTime())) {
    throw new BackendError(CORE_ERRORS.configInvalid, { message: "Say how long the former key goes on verifying: overlapMs in milliseconds (0: not at all), or until as a Date (null: until it is revoked).", hint: null });
  }
  return until.getTime() <= now ? undefined : until;
}

function endOf(overlap: Overlap, now: number): Date | null | undefined {
  if ("overlapMs" in overlap && typeof overlap.overlapMs === "number" && overlap.overlapMs >= 0) return new Date(now + overlap.overlapMs);
  return "until" in overlap && (overlap.until === null || overlap.until instanceof Date) ? overlap.until : undefined;
}
