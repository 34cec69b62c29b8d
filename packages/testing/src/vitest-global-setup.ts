import type { TestProject } from "vitest/node";
import { NativePostgresUnavailable, startNativePostgres } from "./native-postgres.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Superuser URL of the run's PostgreSQL; undefined where none can be started. */
    nativePostgresUrl: string | undefined;
    /** Why there is none. */
    nativePostgresReason: string | undefined;
  }
}

/**
 * Vitest's `globalSetup`: one PostgreSQL for the whole run, its superuser URL in `inject("nativePostgresUrl")` and,
 * for the workers, in TEST_DATABASE_URL.
 *
 * @returns ends it
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env["TEST_DATABASE_URL"];
  try {
    const postgres = await startNativePostgres();
    project.provide("nativePostgresUrl", postgres.url);
    project.provide("nativePostgresReason", undefined);
    process.env["TEST_DATABASE_URL"] = postgres.url;
    return async () => {
      if (given === undefined) delete process.env["TEST_DATABASE_URL"];
      await postgres.stop();
    };
  } catch (error) {
    if (!(error instanceof NativePostgresUnavailable)) throw error;
    console.warn(`Tests on native PostgreSQL don't run. ${error.message}`);
    project.provide("nativePostgresUrl", undefined);
    project.provide("nativePostgresReason", error.message);
    return async () => {};
  }
}
