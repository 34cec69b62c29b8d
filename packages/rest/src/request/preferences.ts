/** The Prefer header (RFC 7240) as PostgREST knows it. Undefined: not given. */
export interface Preferences {
  readonly resolution: "merge-duplicates" | "ignore-duplicates" | undefined;
  readonly return: "representation" | "minimal" | "headers-only" | undefined;
  readonly count: "exact" | "planned" | "estimated" | undefined;
  readonly transaction: "commit" | "rollback" | undefined;
  readonly missing: "default" | "null" | undefined;
  readonly handling: "strict" | "lenient" | undefined;
  readonly timezone: string | undefined;
  readonly maxAffected: number | undefined;
  /** What was asked for and isn't known; an error where handling=strict. */
  readonly invalid: readonly string[];
}
