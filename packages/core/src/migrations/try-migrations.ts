import { sql } from "kysely";
import { connectionError, isConnectionFailure } from "../database/connection-error.ts";
import { sqlStatements } from "../database/embedded/wire/sql-statements.ts";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { OwnerDatabase } from "../tenant/tenant.ts";
import { forgetSession } from "./migrate.ts";
import { migrationError } from "./migration-error.ts";
import type { MigrationFile } from "./migration-file.ts";
import { takeTurn } from "./recorded-migrations.ts";

/** A statement that begins with one of these may end the transaction by which a trial is undone. */
const ENDINGS = new Set(["commit", "end", "rollback", "abort", "prepare"]);

/** What makes the trial's transaction roll back. */
class TrialOver extends Error {}

/**
 * Runs files in one transaction that is rolled back: to see whether they would succeed. Locks that they take are held
 * meanwhile, and sequences go on. A new enum value can't be used here by a later file, as it could be once committed.
 *
 * @throws BackendError PLINTH_MIGRATION_FAILED, PLINTH_DATABASE_UNAVAILABLE
 */
export async function tryMigrations(owner: OwnerDatabase, files: readonly MigrationFile[], lockTimeoutMs: number): Promise<void> {
  for (const file of files) assertUndoable(file);
  let current: MigrationFile | undefined;
  try {
    await owner.db.transaction().execute(async (transaction) => {
      await takeTurn(transaction);
      for (current of files) {
        await sql`select set_config('lock_timeout', ${`${lockTimeoutMs}ms`}, true)`.execute(transaction);
        await sql.raw(current.sql).execute(transaction);
        await forgetSession(transaction);
      }
      throw new TrialOver();
    });
  } catch (error) {
    if (error instanceof TrialOver) return;
    if (isConnectionFailure(error)) throw connectionError(error);
    throw current === undefined ? error : migrationError(current, error);
  }
}

/** Reads more as an ending than PostgreSQL does (the END of a function's body, say): then it isn't tried. */
function assertUndoable(file: MigrationFile): void {
  const ending = sqlStatements(file.sql, 1).find(([first]) => first?.kind === "word" && ENDINGS.has(first.text));
  if (ending === undefined) return;
  throw new BackendError(CORE_ERRORS.migrationFailed, {
    message: `${file.name}: can't be tried, since a statement in it begins with ${ending[0]?.text.toUpperCase()} and may end the transaction.`,
    hint: "Migrations must not begin or end transactions themselves. Where this one doesn't, leave the trial out.",
    details: { file: file.name },
  });
}
