import { configDefaults, defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";

/**
 * Whole crash runs and journeys, each of a minute or more on two cores: `npm run test:long` runs them too. What they
 * walk through is tested piece by piece in the others.
 */
const LONG = [
  "test/faults/jobs.test.ts",
  "test/faults/tenancy/two-clusters.test.ts",
  "packages/core/test/projects/transfer-crashes.test.ts",
  // A production build of the Next.js example; what its handlers do is in next-request.test.ts.
  "adapters/next/test/next-app.test.ts",
  // The whole of the administration by commands, natively and on a data folder; what they call has tests of its own.
  "packages/plinth/test/cli/administration.test.ts",
  // Each way in which an export may be broken, on both databases, one import each.
  "test/faults/broken-exports.test.ts",
  "packages/plinth/test/doctor/doctor-projects.test.ts",
  "packages/plinth/test/master-key.test.ts",
  "test/scenarios/move.test.ts",
  "packages/plinth/test/migrations/faults.test.ts",
  // What the commands call has tests of its own.
  "packages/plinth/test/doctor/doctor.test.ts",
  "packages/plinth/test/cli/gen-types.test.ts",
  "packages/plinth/test/cli/auth-import.test.ts",
  // Kills of the same are in test/faults/tenancy/kills.test.ts.
  "packages/core/test/projects/crashes.test.ts",
  // Five servers in processes of their own; what one process does is in test/scenarios/storage-resumable.test.ts.
  "test/faults/storage-resumable-crash.test.ts",
  // Backends and stores in pairs; what travels besides files is in test/scenarios/export-import.test.ts.
  "test/scenarios/storage-transfer.test.ts",
];

/** On the embedded database too with `npm run test:long` (NATIVE_UNLESS_LONG): each opens dozens of databases. */
const NATIVELY = [
  "test/scenarios/export-import.test.ts",
  "test/scenarios/jobs.test.ts",
  "packages/plinth/test/migrations/project-migrations.test.ts",
  "test/isolation/auth-endpoints.test.ts",
  "test/isolation/auth-settings.test.ts",
  "test/isolation/signing-keys.test.ts",
  "test/scenarios/auth-mail.test.ts",
  "test/scenarios/limits.test.ts",
  "test/scenarios/project-life.test.ts",
  "test/scenarios/assets-cdn.test.ts",
  "test/scenarios/assets-hostile.test.ts",
  "test/isolation/keys.test.ts",
  "test/faults/load.test.ts",
  // But for what happens at once.
  "test/faults/auth-races.test.ts",
  "test/fuzz/answered.test.ts",
  "packages/core/test/secrets/rotate-master-key.test.ts",
  "packages/plinth/test/migrations/migrate-all.test.ts",
  "test/scenarios/auth-saml.test.ts",
  "test/scenarios/auth-mfa.test.ts",
  "test/scenarios/auth-webauthn.test.ts",
  "test/scenarios/auth-providers.test.ts",
  "test/scenarios/observability.test.ts",
  "test/scenarios/storage-s3.test.ts",
  "test/scenarios/storage-resumable.test.ts",
  "test/scenarios/storage-render.test.ts",
];

/** Parts of files, likewise. */
const PARTS = ["test/scenarios/export-import.test.ts (from a server to an embedded database and back)"];

const isLong = process.env.PLINTH_TEST_LONG !== undefined;
if (!isLong) process.stderr.write(`Left for \`npm run test:long\`, since each takes a minute or more: ${LONG.join(", ")}\nOn native PostgreSQL alone, likewise: ${NATIVELY.join(", ")}\nAnd parts of: ${PARTS.join(", ")}\n`);

export default defineConfig({
  resolve: { conditions: ["plinth-source"] },
  ssr: { resolve: { conditions: ["plinth-source"], externalConditions: ["plinth-source"] } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "adapters/*/test/**/*.test.ts", "examples/*/test/**/*.test.ts", "test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, ...(isLong ? [] : LONG)],
    globalSetup: ["./packages/testing/src/vitest-global-setup.ts"],
    pool: "forks",
    maxWorkers: 3,
    // No module keeps state of its own, so that files share a process: the embedded database is compiled once in each.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    execArgv: ["--conditions=plinth-source"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
