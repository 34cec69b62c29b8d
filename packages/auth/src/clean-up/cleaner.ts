import type { Tenant } from "@plinth/core";
import type { AuthConfig } from "../config/auth-options.ts";
import { executeInAuth } from "../database/auth-database.ts";
import { cleanUpStatements } from "./clean-up-statements.ts";

/** Least time between two statements of one process and project, in milliseconds. */
const INTERVAL = 10_000;
/** From when on, since the project was opened: whoever opens it has other things to wait for. */
const FIRST_AFTER = 1_000;

/** Deletes what has expired in a project, a little at a time, beside requests. */
export interface Cleaner {
  /** Runs the next statement, where the last one was long enough ago. Nobody waits for it, and what fails is tried another time. */
  nudge(): void;
  /** Runs all of them. @throws what the database throws */
  cleanAll(): Promise<void>;
}

/** @param from which statement is first: processes that live for a short time each come to another one */
export function createCleaner(tenant: Tenant, config: AuthConfig, from = Math.floor(Math.random() * 1_000)): Cleaner {
  const statements = cleanUpStatements(config);
  const run = async (sql: string): Promise<void> => void (await executeInAuth(tenant, { sql, parameters: [] }));
  let next = from;
  let due = Date.now() + FIRST_AFTER;
  return {
    nudge: () => {
      const now = Date.now();
      if (now < due) return;
      due = now + INTERVAL;
      run(statements[next++ % statements.length]!).catch(() => undefined);
    },
    cleanAll: async () => {
      for (const statement of statements) await run(statement);
    },
  };
}
