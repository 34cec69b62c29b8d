import { describeDatabases } from "@plinth/testing/vitest";
import { afterAll, beforeAll } from "vitest";
import { testAgreement } from "./checks/agreement.ts";
import { testAnswers } from "./checks/answers.ts";
import { testExtremes } from "./checks/extremes.ts";
import { testInjections } from "./checks/injections.ts";
import { testWrites } from "./checks/writes.ts";
import { FUZZ } from "./support/fuzz-options.ts";
import { type FuzzedBackend, openFuzzed } from "./support/fuzzed-backend.ts";
import { NATIVE_UNLESS_LONG } from "../support/native-unless-long.ts";

// Any request gets a right answer or a refusal with PostgREST's body, soon, and no statement runs twice for it.

describeDatabases("fuzzed requests", (databases) => {
  const count = databases.kind === "native" ? FUZZ.served : Math.ceil(FUZZ.served / 4);
  let opened: FuzzedBackend | undefined;
  beforeAll(async () => {
    opened = await openFuzzed(databases);
  });
  afterAll(() => opened?.close());
  const fuzzed = (): FuzzedBackend => opened as FuzzedBackend;

  testAnswers(fuzzed, count);
  if (FUZZ.only !== undefined) return;
  testExtremes(fuzzed);
  testInjections(fuzzed, databases.kind === "native");
  testAgreement(fuzzed, Math.ceil(count / 40));
  testWrites(fuzzed, Math.ceil(count / 40));
}, NATIVE_UNLESS_LONG);
