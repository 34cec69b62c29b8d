import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["plinth-source"] },
  ssr: { resolve: { conditions: ["plinth-source"], externalConditions: ["plinth-source"] } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "adapters/*/test/**/*.test.ts", "examples/*/test/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: ["./packages/testing/src/vitest-global-setup.ts"],
    pool: "forks",
    maxWorkers: 2,
    execArgv: ["--conditions=plinth-source"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
