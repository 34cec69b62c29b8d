import type { Overlap } from "@plinth/core";
import { UsageError } from "../command-error.ts";
import { duration, type FlagValues, toggle } from "../flags.ts";

/** How long what was signed before goes on holding: to be said each time, since both ways can hurt. */
export const OVERLAP = {
  overlap: duration("For how long what was signed before goes on holding: 0s, 12h, 30d"),
  untilRevoked: toggle("What was signed before holds until the former key is revoked"),
};

export function checkOverlap({ overlap, untilRevoked }: FlagValues<typeof OVERLAP>): void {
  if ((overlap === undefined) === !untilRevoked) throw new UsageError("say --overlap TIME, or --until-revoked.");
}

export const overlapOf = ({ overlap }: FlagValues<typeof OVERLAP>): Overlap => (overlap === undefined ? { until: null } : { overlapMs: overlap });
