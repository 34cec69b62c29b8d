import type { DescribeDatabasesOptions } from "@plinth/testing/vitest";

/** For journeys of a minute on each kind of database, whose pieces are tested on both: see NATIVELY in vitest.config.ts. */
export const NATIVE_UNLESS_LONG: DescribeDatabasesOptions = process.env["PLINTH_TEST_LONG"] === undefined ? { kinds: ["native"] } : {};
