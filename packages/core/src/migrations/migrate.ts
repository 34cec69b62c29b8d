import { createHash } from "node:crypto";
import { type Kysely, sql, type Transaction } from "kysely";
import { connectionError, isConnectionFailure } from "../database/connection-error.ts";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { AnyDatabase, OwnerDatabase } from "../tenant/tenant.ts";
import { migrationError } from "./migration-error.ts";
import type { MigrationFile, MigrationResult } from "./migration-file.ts";
import { byName } from "./read-migrations.ts";

export interface MigrateOptions {
  /** What to do of a file that was applied and has changed since: refuse before anything is applied, or only say so. */
  readonly onChanged?: "refuse" | "report";
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
  const ordered = [...files].sort((a, b) => byName(a.name, b.name));
  if (ordered.length === 0) return [];
  await ensureTable(owner.db);
  const recorded = await readRecorded(owner.db);
  const changed = ordered.filter((file) => recorded.has(file.name) && recorded.get(file.name) !== checksum(file));
  if (changed.length > 0 && options.onChanged !== "report") throw changedError(changed);
  const results: MigrationResult[] = [];
  for (const file of ordered) results.push(await applyOnce(owner.db, file, recorded));
  return results;
}

async function applyOnce(db: Kysely<AnyDatabase>, file: MigrationFile, recorded: ReadonlyMap<string, string>): Promise<MigrationResult> {
  const start = performance.now();
  const known = recorded.get(file.name);
  const outcome = known === undefined ? await apply(db, file) : known === checksum(file) ? "present" : "changed";
  return { name: file.name, outcome, milliseconds: Math.round(performance.now() - start) };
}

async function apply(db: Kysely<AnyDatabase>, file: MigrationFile): Promise<"applied" | "present"> {
  try {
    return await db.transaction().execute(async (transaction) => {
      await takeTurn(transaction);
      if ((await readRecorded(transaction)).has(file.name)) return "present";
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
  // Dumps empty the search path and scripts switch roles for the session, which the next file must not inherit.
  await sql`reset role`.execute(transaction);
  await sql`reset all`.execute(transaction);
  await sql`insert into plinth.migrations (name, checksum) values (${file.name}, ${checksum(file)})`.execute(transaction);
  // What PostgREST listens for: schemas are to be read again. Sent when the transaction commits.
  await sql`select pg_notify('pgrst', 'reload schema')`.execute(transaction);
}

async function ensureTable(db: Kysely<AnyDatabase>): Promise<void> {
  const { rows } = await sql<{ present: boolean }>`select to_regclass('plinth.migrations') is not null as present`.execute(db);
  if (rows[0]?.present) return;
  await db.transaction().execute(async (transaction) => {
    await takeTurn(transaction);
    await sql.raw(`
      create schema if not exists plinth;
      create table if not exists plinth.migrations (name text primary key, checksum text not null, applied_at timestamptz not null default now());
      revoke all on schema plinth from public;
      revoke all on plinth.migrations from public;`).execute(transaction);
  });
}

const takeTurn = (transaction: Transaction<AnyDatabase>) => sql`select pg_advisory_xact_lock(hashtextextended('plinth.migrations', 0))`.execute(transaction);

async function readRecorded(db: Kysely<AnyDatabase>): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ name: string; checksum: string }>`select name, checksum from plinth.migrations`.execute(db);
  return new Map(rows.map((row) => [row.name, row.checksum]));
}

/** Of the text with Unix line ends: Git may write others on another machine. */
const checksum = ({ sql: text }: MigrationFile): string => createHash("sha256").update(text.replaceAll("\r\n", "\n")).digest("hex");

function changedError(changed: readonly MigrationFile[]): BackendError {
  const names = changed.map(({ name }) => name);
  return new BackendError(CORE_ERRORS.migrationChanged, { message: `Applied before and changed since: ${names.join(", ")}`, details: names });
}
