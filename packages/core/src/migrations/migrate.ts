import { type Kysely, sql, type Transaction } from "kysely";
import { connectionError, isConnectionFailure } from "../database/connection-error.ts";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { AnyDatabase, OwnerDatabase } from "../tenant/tenant.ts";
import { fileChecksum, inOrder } from "./migration-checksum.ts";
import { migrationError } from "./migration-error.ts";
import type { MigrationFile, MigrationResult } from "./migration-file.ts";
import { ensureTable, readRecorded, takeTurn } from "./recorded-migrations.ts";

export interface MigrateOptions {
  /** What to do of a file that was applied and has changed since: refuse before anything is applied, or only say so. */
  readonly onChanged?: "refuse" | "report";
  /** How long a statement waits for a lock that requests hold, in milliseconds; a file may set another. Default: the database's own. */
  readonly lockTimeoutMs?: number;
  /** A file was applied, and is committed. */
  readonly onApplied?: (name: string) => void;
}

/**
 * Applies the files that were not applied before, in the order of their names, each in a transaction of its own together
 * with the record of it (`plinth.migrations` in the project's database, which the request roles can't see). Processes
 * that do so at the same time take turns. A file must not begin or end transactions itself.
 *
 * @returns one result per file, in order
 * @throws BackendError PLINTH_MIGRATION_FAILED, PLINTH_MIGRATION_CHANGED, PLINTH_DATABASE_UNAVAILABLE
 */
export async function migrate(owner: OwnerDatabase, files: readonly MigrationFile[], options: MigrateOptions = {}): Promise<readonly MigrationResult[]> {
  const ordered = inOrder(files);
  if (ordered.length === 0) return [];
  await ensureTable(owner.db);
  const recorded = await readRecorded(owner.db);
  const changed = ordered.filter((file) => recorded.has(file.name) && recorded.get(file.name) !== fileChecksum(file));
  if (changed.length > 0 && options.onChanged !== "report") throw changedError(changed);
  const results: MigrationResult[] = [];
  for (const file of ordered) results.push(await applyOnce(owner.db, file, recorded, options));
  return results;
}

async function applyOnce(db: Kysely<AnyDatabase>, file: MigrationFile, recorded: ReadonlyMap<string, string>, options: MigrateOptions): Promise<MigrationResult> {
  const start = performance.now();
  const known = recorded.get(file.name);
  const outcome = known === undefined ? await apply(db, file, options) : known === fileChecksum(file) ? "present" : "changed";
  if (outcome === "applied") options.onApplied?.(file.name);
  return { name: file.name, outcome, milliseconds: Math.round(performance.now() - start) };
}

async function apply(db: Kysely<AnyDatabase>, file: MigrationFile, { lockTimeoutMs }: MigrateOptions): Promise<"applied" | "present"> {
  try {
    return await db.transaction().execute(async (transaction) => {
      await takeTurn(transaction);
      if ((await readRecorded(transaction)).has(file.name)) return "present";
      if (lockTimeoutMs !== undefined) await sql`select set_config('lock_timeout', ${`${lockTimeoutMs}ms`}, true)`.execute(transaction);
      // Without parameters `pg` takes the simple protocol, which takes any number of statements.
      await sql.raw(file.sql).execute(transaction);
      await record(transaction, file);
      return "applied";
    });
  } catch (error) {
    throw isConnectionFailure(error) ? connectionError(error) : migrationError(file, error);
  }
}

async function record(transaction: Transaction<AnyDatabase>, file: MigrationFile): Promise<void> {
  await forgetSession(transaction);
  await sql`insert into plinth.migrations (name, checksum) values (${file.name}, ${fileChecksum(file)})`.execute(transaction);
  // What PostgREST listens for: schemas are to be read again. Sent when the transaction commits.
  await sql`select pg_notify('pgrst', 'reload schema')`.execute(transaction);
}

/** Dumps empty the search path and scripts switch roles for the session, which the next file must not inherit. */
export async function forgetSession(transaction: Transaction<AnyDatabase>): Promise<void> {
  await sql`reset role`.execute(transaction);
  await sql`reset all`.execute(transaction);
}

/** Of files that were applied and are not the same any more. */
export function changedError(changed: readonly MigrationFile[]): BackendError {
  const names = changed.map(({ name }) => name);
  return new BackendError(CORE_ERRORS.migrationChanged, { message: `Applied before and changed since: ${names.join(", ")}`, details: names });
}
