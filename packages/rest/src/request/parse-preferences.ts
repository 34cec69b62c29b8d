import type { Preferences } from "./preferences.ts";
import { readInteger } from "./read-integer.ts";

type Choice = "resolution" | "return" | "count" | "transaction" | "missing" | "handling";

interface Preference {
  readonly choice: Choice;
  readonly value: NonNullable<Preferences[Choice]>;
}

/** What may be preferred, as it stands in the header. */
const CHOICES: ReadonlyMap<string, Preference> = new Map([
  ["resolution=merge-duplicates", { choice: "resolution", value: "merge-duplicates" }],
  ["resolution=ignore-duplicates", { choice: "resolution", value: "ignore-duplicates" }],
  ["return=representation", { choice: "return", value: "representation" }],
  ["return=minimal", { choice: "return", value: "minimal" }],
  ["return=headers-only", { choice: "return", value: "headers-only" }],
  ["count=exact", { choice: "count", value: "exact" }],
  ["count=planned", { choice: "count", value: "planned" }],
  ["count=estimated", { choice: "count", value: "estimated" }],
  ["tx=commit", { choice: "transaction", value: "commit" }],
  ["tx=rollback", { choice: "transaction", value: "rollback" }],
  ["missing=default", { choice: "missing", value: "default" }],
  ["missing=null", { choice: "missing", value: "null" }],
  ["handling=strict", { choice: "handling", value: "strict" }],
  ["handling=lenient", { choice: "handling", value: "lenient" }],
]);

const TIMEZONE = "timezone=";
const MAX_AFFECTED = "max-affected=";

export const NO_PREFERENCES: Preferences = {
  resolution: undefined, return: undefined, count: undefined, transaction: undefined,
  missing: undefined, handling: undefined, timezone: undefined, maxAffected: undefined, invalid: [],
};

/**
 * The Prefer header. Of what is preferred twice, the first counts.
 * @param allowTxOverride whether `tx=` may decide on commit or rollback; otherwise it is ignored
 */
export function parsePreferences(headers: Headers, allowTxOverride: boolean): Preferences {
  const header = headers.get("prefer");
  if (header === null || header === "") return NO_PREFERENCES;
  const preferred = header.split(",").map((preference) => preference.trim());
  const chosen: Partial<Record<Choice, string>> = {};
  const invalid: string[] = [];
  for (const preference of preferred) {
    const known = CHOICES.get(preference);
    if (known !== undefined) chosen[known.choice] ??= known.value;
    else if (!preference.startsWith(TIMEZONE) && !preference.startsWith(MAX_AFFECTED)) invalid.push(preference);
  }
  if (!allowTxOverride) delete chosen.transaction;
  const maxAffected = firstValue(preferred, MAX_AFFECTED);
  return {
    ...NO_PREFERENCES,
    ...(chosen as Partial<Preferences>),
    timezone: firstValue(preferred, TIMEZONE),
    maxAffected: maxAffected === undefined ? undefined : readInteger(maxAffected),
    invalid,
  };
}

function firstValue(preferred: readonly string[], prefix: string): string | undefined {
  return preferred.find((preference) => preference.startsWith(prefix))?.slice(prefix.length);
}
