import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { createTestBackend } from "@plinth/testing";
import { expect, test } from "vitest";
import { restConfigSchema } from "../../packages/rest/src/config/rest-options.ts";
import { loadSchemaSnapshot } from "../../packages/rest/src/schema-cache/load-schema-snapshot.ts";
import { FUZZ, REST_OPTIONS, timeFor } from "./support/fuzz-options.ts";
import { FUZZ_SCHEMA } from "./support/fuzz-schema.ts";
import type { PlannedWork, PlanWork } from "./support/plan-worker.ts";

// Any request becomes a statement in whose text nothing of a client's stands unquoted, or a refusal that is the client's to mend.

const CONFIG = restConfigSchema.parse({ ...REST_OPTIONS, maxRows: 1_000 });

async function schemaCache() {
  await using backend = await createTestBackend({ sql: FUZZ_SCHEMA });
  const tenant = await backend.tenant();
  return (await loadSchemaSnapshot((statement) => tenant.catalog(statement), CONFIG)).cache;
}

async function planned(work: PlanWork): Promise<PlannedWork> {
  const worker = new Worker(new URL("support/plan-worker.ts", import.meta.url), { workerData: work });
  const [done] = (await once(worker, "message")) as [PlannedWork];
  await worker.terminate();
  return done;
}

test(`${FUZZ.planned} requests are planned or refused`, { timeout: timeFor(FUZZ.planned, 2) }, async () => {
  const cache = await schemaCache();
  const numbers = FUZZ.only === undefined ? { from: 0, count: FUZZ.planned } : { from: FUZZ.only, count: 1 };
  const { kinds, problems } = await planned({ cache, config: CONFIG, seed: FUZZ.seed, ...numbers });
  expect(problems.join("\n\n")).toBe("");
  if (FUZZ.planned > 50_000 && FUZZ.only === undefined) expectVariety(kinds);
});

/** A generator that makes the same mistake in all its requests finds nothing. */
function expectVariety(kinds: PlannedWork["kinds"]): void {
  const total = [...kinds.values()].reduce((sum, count) => sum + count, 0);
  expect((kinds.get(1) ?? 0) / total).toBeGreaterThan(0.35);
  expect([...kinds.keys()]).toEqual(expect.arrayContaining([0, 1, 2, ...CODES]));
}

/** Those of PGRST1xx and PGRST2xx that need no database to be told, and no other configuration. */
const CODES = ["100", "101", "102", "103", "105", "106", "107", "108", "114", "117", "118", "122", "125", "127", "128", "200", "201", "202", "203", "204", "205"].map((digits) => `PGRST${digits}`);
