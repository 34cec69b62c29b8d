import type { Preferences } from "../request/preferences.ts";

/** In the order of the header. max-affected is only heeded by handling=strict. */
const APPLIED: ReadonlyArray<(preferences: Preferences) => string | undefined> = [
  ({ resolution }) => resolution && `resolution=${resolution}`,
  ({ missing }) => missing && `missing=${missing}`,
  (preferences) => preferences.return && `return=${preferences.return}`,
  ({ count }) => count && `count=${count}`,
  ({ transaction }) => transaction && `tx=${transaction}`,
  ({ handling }) => handling && `handling=${handling}`,
  ({ timezone }) => (timezone === undefined ? undefined : `timezone=${timezone}`),
  ({ handling, maxAffected }) => (handling === "strict" && maxAffected !== undefined ? `max-affected=${maxAffected}` : undefined),
];

/**
 * The Preference-Applied header; undefined where there is nothing to say.
 * @param applied the preferences that had an effect; the others undefined
 */
export function preferenceApplied(applied: Preferences): string | undefined {
  const values = APPLIED.map((read) => read(applied)).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : values.join(", ");
}
