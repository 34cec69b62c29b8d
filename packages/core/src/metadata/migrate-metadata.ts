import { type Kysely, sql, type Transaction } from "kysely";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { MetadataTables } from "./metadata-tables.ts";
import type { MetadataMigration } from "./migrations/metadata-migration.ts";

/**
 * Brings the schema `plinth` up to the last of `migrations`. Any number of processes may do so at once.
 * Where nothing is to be done it only reads, so that the login may be one that can't create schemas.
 *
 * @throws BackendError PLINTH_CONFIG_INVALID where the schema is from a newer version than this
 */
export async function migrateMetadata(db: Kysely<MetadataTables>, migrations: readonly MetadataMigration[]): Promise<void> {
  if (pendingAfter(await appliedId(db), migrations).length === 0) return;
  await db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(hashtextextended('plinth.metadata', 0))`.execute(transaction);
    await sql.raw("create schema if not exists plinth").execute(transaction);
    await sql.raw("create table if not exists plinth.metadata_migrations (id int primary key, name text not null, applied_at timestamptz not null default now())").execute(transaction);
    for (const migration of pendingAfter(await appliedId(transaction), migrations)) await apply(transaction, migration);
  });
}

async function apply(transaction: Transaction<MetadataTables>, migration: MetadataMigration): Promise<void> {
  await sql.raw(migration.sql).execute(transaction);
  await transaction.insertInto("plinth.metadata_migrations").values({ id: migration.id, name: migration.name }).execute();
}

async function appliedId(db: Kysely<MetadataTables>): Promise<number> {
  const { rows } = await sql<{ present: boolean }>`select to_regclass('plinth.metadata_migrations') is not null as present`.execute(db);
  if (!rows[0]?.present) return 0;
  const { last } = await db.selectFrom("plinth.metadata_migrations").select((e) => e.fn.max("id").as("last")).executeTakeFirstOrThrow();
  return last ?? 0;
}

function pendingAfter(applied: number, migrations: readonly MetadataMigration[]): readonly MetadataMigration[] {
  if (applied > migrations.length) {
    throw new BackendError(CORE_ERRORS.configInvalid, {
      message: `The metadata database is at version ${applied}, this backend knows versions up to ${migrations.length}.`,
      hint: "Run a version of Plinth that is as new as the one that was last run on it.",
    });
  }
  return migrations.filter(({ id }) => id > applied);
}
