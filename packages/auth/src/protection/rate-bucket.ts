import { sql, type RawBuilder } from "kysely";
import type { Statement } from "@plinth/core";

/** What may be taken, and how fast it is there again: a token bucket, full at first. */
export interface RateBucket {
  /** Names it among the project's. */
  readonly key: string;
  /** As much as is ever in it. */
  readonly size: number;
  readonly perSecond: number;
}

/** What is in it now. */
const FILLED = "least($2::float8, given.tokens + $3::float8 * extract(epoch from clock_timestamp() - given.refilled_at))";

/**
 * Takes one. Its row is 0, or the seconds until there is one again, at least 1. Where others took the last ones at the same time,
 * the select still sees what was in the bucket before them, since it looks with the statement's snapshot; the update does not.
 */
const TAKE = `
with taken as (
  insert into auth.rate_limits as given (bucket, tokens, refilled_at) values ($1, $2::float8 - 1, clock_timestamp())
  on conflict (bucket) do update set tokens = ${FILLED} - 1, refilled_at = clock_timestamp() where ${FILLED} >= 1
  returning 1
)
select case when exists (select from taken) then 0 else greatest(1, coalesce((select ceil((1 - ${FILLED}) / $3::float8) from auth.rate_limits given where bucket = $1 and ${FILLED} < 1), ceil(1 / $3::float8))) end::int as wait`;

export const takeStatement = ({ key, size, perSecond }: RateBucket): Statement => ({ sql: TAKE, parameters: [key, String(size), String(perSecond)] });

/** The same for a transaction that is open. */
export function takeQuery({ key, size, perSecond }: RateBucket): RawBuilder<{ readonly wait: number }> {
  const parts = TAKE.split(/(\$[123])/).map((part) => PARAMETERS[part]?.({ key, size, perSecond }) ?? sql.raw(part));
  return sql`${sql.join(parts, sql``)}`;
}

const PARAMETERS: Readonly<Record<string, (bucket: RateBucket) => RawBuilder<unknown>>> = {
  $1: ({ key }) => sql`${key}`,
  $2: ({ size }) => sql`${size}`,
  $3: ({ perSecond }) => sql`${perSecond}`,
};
