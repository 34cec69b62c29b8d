import { type Kysely, sql, type Transaction } from "kysely";
import type { AnyDatabase } from "../tenant/tenant.ts";
import { fileChecksum, inOrder } from "./migration-checksum.ts";
import type { MigrationFile } from "./migration-file.ts";

/** How a project's database stands to a set of files. */
export interface MigrationState {
  /** Not applied yet, in order. */
  readonly pending: readonly MigrationFile[];
  /** Applied, and not the same any more. */
  readonly changed: readonly MigrationFile[];
  /** The database has had files that are not among these: of a newer version, or of another folder. */
  readonly ahead: boolean;
}

/** Reads only, also where no migration was ever applied. */
export async function migrationState(db: Kysely<AnyDatabase>, files: readonly MigrationFile[]): Promise<MigrationState> {
  const recorded = (await hasTable(db)) ? await readRecorded(db) : new Map<string, string>();
  const ordered = inOrder(files);
  const names = new Set(ordered.map(({ name }) => name));
  return {
    pending: ordered.filter((file) => !recorded.has(file.name)),
    changed: ordered.filter((file) => recorded.has(file.name) && recorded.get(file.name) !== fileChecksum(file)),
    ahead: [...recorded.keys()].some((name) => !names.has(name)),
  };
}

/** Checksums of what was applied, by name. */
export async function readRecorded(db: Kysely<AnyDatabase>): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ name: string; checksum: string }>`select name, checksum from plinth.migrations`.execute(db);
  return new Map(rows.map((row) => [row.name, row.checksum]));
}

/** Makes the table of records where there is none; request roles can't see it. */
export async function ensureTable(db: Kysely<AnyDatabase>): Promise<void> {
  if (await hasTable(db)) return;
  await db.transaction().execute(async (transaction) => {
    await takeTurn(transaction);
    await sql.raw(`
      create schema if not exists plinth;
      create table if not exists plinth.migrations (name text primary key, checksum text not null, applied_at timestamptz not null default now());
      revoke all on schema plinth from public;
      revoke all on plinth.migrations from public;`).execute(transaction);
  });
}

/** Until the transaction ends, nobody else applies a migration to this database. */
export const takeTurn = (transaction: Transaction<AnyDatabase>): Promise<unknown> => sql`select pg_advisory_xact_lock(hashtextextended('plinth.migrations', 0))`.execute(transaction);

async function hasTable(db: Kysely<AnyDatabase>): Promise<boolean> {
  const { rows } = await sql<{ present: boolean }>`select to_regclass('plinth.migrations') is not null as present`.execute(db);
  return rows[0]?.present ?? false;
}
