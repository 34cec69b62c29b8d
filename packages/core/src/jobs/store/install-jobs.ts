import { type Kysely, sql, type Transaction } from "kysely";
import type pg from "pg";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import type { JobTables } from "../job-tables.ts";
import { loadGraphileWorker, TICKETS_SCHEMA } from "../work/load-graphile-worker.ts";
import { JOB_MIGRATIONS } from "./job-migrations.ts";

/** Migrations that the pinned graphile-worker has. */
const TICKETS_VERSION = 20;

/**
 * Makes the schemas `plinth_jobs` and `plinth_worker`, or brings them up to date. Any number of processes may do so at
 * once. Where nothing is to be done it only reads, and graphile-worker isn't loaded.
 *
 * @throws BackendError PLINTH_CONFIG_INVALID where a newer version than this has been at work
 */
export async function installJobs(db: Kysely<JobTables>, pool: pg.Pool): Promise<void> {
  if ((await appliedId(db, `${TICKETS_SCHEMA}.migrations`)) < TICKETS_VERSION) {
    const { runMigrations, logger } = await loadGraphileWorker(() => undefined);
    // They mind others doing the same by themselves.
    await runMigrations({ pgPool: pool, schema: TICKETS_SCHEMA, noPreparedStatements: true, logger });
  }
  if (pendingAfter(await appliedId(db, "plinth_jobs.migrations")).length === 0) return;
  await db.transaction().execute(migrate);
}

async function migrate(transaction: Transaction<JobTables>): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('plinth.jobs', 0))`.execute(transaction);
  await sql.raw("create schema if not exists plinth_jobs").execute(transaction);
  await sql.raw("create table if not exists plinth_jobs.migrations (id int primary key, name text not null, applied_at timestamptz not null default now())").execute(transaction);
  for (const { id, name, sql: text } of pendingAfter(await appliedId(transaction, "plinth_jobs.migrations"))) {
    await sql.raw(text).execute(transaction);
    await transaction.insertInto("plinth_jobs.migrations").values({ id, name }).execute();
  }
}

/** 0 where there is no such table. */
async function appliedId(db: Kysely<JobTables>, table: string): Promise<number> {
  const { rows: found } = await sql<{ present: boolean }>`select to_regclass(${table}) is not null as present`.execute(db);
  if (!found[0]?.present) return 0;
  const { rows } = await sql<{ last: number | null }>`select max(id) as last from ${sql.raw(table)}`.execute(db);
  return rows[0]?.last ?? 0;
}

function pendingAfter(applied: number): typeof JOB_MIGRATIONS {
  if (applied > JOB_MIGRATIONS.length) {
    throw new BackendError(CORE_ERRORS.configInvalid, {
      message: `The jobs in the metadata database are at version ${applied}, this backend knows versions up to ${JOB_MIGRATIONS.length}.`,
      hint: "Run a version of Plinth that is as new as the one that was last run on it.",
    });
  }
  return JOB_MIGRATIONS.filter(({ id }) => id > applied);
}
