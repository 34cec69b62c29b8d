const { PLINTH_FUZZ_SEED, PLINTH_FUZZ_CASES, PLINTH_FUZZ_SERVED, PLINTH_FUZZ_CASE, PLINTH_TEST_LONG } = process.env;

const isLong = PLINTH_TEST_LONG !== undefined;

/** What a run goes through. The same seed makes the same requests. */
export const FUZZ = {
  seed: Number(PLINTH_FUZZ_SEED ?? 20_240_607),
  /** Requests that are parsed, planned and written as SQL. */
  planned: Number(PLINTH_FUZZ_CASES ?? (isLong ? 2_000_000 : 195_000)),
  /** Requests that are answered, by native PostgreSQL; by the embedded one, a quarter of them. */
  served: Number(PLINTH_FUZZ_SERVED ?? (isLong ? 40_000 : 4_000)),
  /** Only this one. */
  only: PLINTH_FUZZ_CASE === undefined ? undefined : Number(PLINTH_FUZZ_CASE),
} as const;

/** The numbers of a run of so many requests. */
export const numbers = (count: number): readonly number[] => (FUZZ.only === undefined ? Array.from({ length: count }, (_, number) => number) : [FUZZ.only]);

/** Long enough for a run of so many requests, on a machine that is busy otherwise. In milliseconds. */
export const timeFor = (count: number, each: number): number => 60_000 + count * each;

/** What the fuzzed backends serve. */
export const REST_OPTIONS = { schemas: ["public", "other"] as [string, ...string[]], aggregatesEnabled: true, planEnabled: true, txEnd: "rollback-allow-override" as const };
