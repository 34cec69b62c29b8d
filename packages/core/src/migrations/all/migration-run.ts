import { createHash } from "node:crypto";
import { type Kysely, type Selectable, sql, type Transaction } from "kysely";
import type { Metadata } from "../../metadata/metadata.ts";
import type { MetadataTables, MigrationResultsTable } from "../../metadata/metadata-tables.ts";
import { inOrder, migrationsChecksum } from "../migration-checksum.ts";
import type { MigrationFile } from "../migration-file.ts";

export interface MigrationRun {
  readonly id: string;
  readonly resumed: boolean;
}

/** What a run has come to with one project. */
export type RunResult = Pick<Selectable<MigrationResultsTable>, "outcome" | "applied" | "error" | "milliseconds" | "at">;

const RESULT_COLUMNS = ["outcome", "applied", "error", "milliseconds", "at"] as const;

/** Of one that was broken off longer ago, what it did may have been undone behind our back. */
const RESUMED_FOR_DAYS = 7;
const RUNS_KEPT = 100;

/**
 * Goes on with a run of the same files and projects that has not come to its end, whether it was broken off or another
 * process is at it; else begins one.
 */
export async function beginRun(metadata: Metadata, files: readonly MigrationFile[], refs: readonly string[] | undefined): Promise<MigrationRun> {
  const checksum = createHash("sha256").update(JSON.stringify([migrationsChecksum(files), refs && [...refs].sort()])).digest("hex");
  return metadata.db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(hashtextextended('plinth.migration-runs', 0))`.execute(transaction);
    const open = await unfinished(transaction, checksum);
    if (open !== undefined) return { id: open.id, resumed: true };
    await prune(transaction);
    const names = JSON.stringify(inOrder(files).map(({ name }) => name));
    const { id } = await transaction.insertInto("plinth.migration_runs").values({ checksum, files: names }).returning("id").executeTakeFirstOrThrow();
    return { id, resumed: false };
  });
}

const unfinished = (db: Transaction<MetadataTables>, checksum: string) =>
  db
    .selectFrom("plinth.migration_runs")
    .select("id")
    .where("checksum", "=", checksum)
    .where("finished_at", "is", null)
    .where("started_at", ">", sql<Date>`now() - make_interval(days => ${RESUMED_FOR_DAYS})`)
    .orderBy("started_at", "desc")
    .limit(1)
    .executeTakeFirst();

async function prune(db: Transaction<MetadataTables>): Promise<void> {
  const kept = db.selectFrom("plinth.migration_runs").select("id").orderBy("started_at", "desc").limit(RUNS_KEPT - 1);
  await db.deleteFrom("plinth.migration_runs").where("id", "not in", kept).execute();
}

/** Everything that the run has come to so far, by uid of the project. */
export async function readResults(db: Kysely<MetadataTables>, run: string): Promise<ReadonlyMap<string, RunResult>> {
  const rows = await db.selectFrom("plinth.migration_results").select(["project_uid", ...RESULT_COLUMNS]).where("run_id", "=", run).execute();
  return new Map(rows.map(({ project_uid: uid, ...result }) => [uid, result]));
}

export async function readResult(db: Kysely<MetadataTables>, run: string, uid: string): Promise<RunResult | undefined> {
  return db.selectFrom("plinth.migration_results").select(RESULT_COLUMNS).where("run_id", "=", run).where("project_uid", "=", uid).executeTakeFirst();
}

export async function noteResult(db: Kysely<MetadataTables>, run: string, uid: string, result: Omit<RunResult, "at">): Promise<void> {
  const columns = { ...result, applied: JSON.stringify(result.applied), at: new Date() };
  await db
    .insertInto("plinth.migration_results")
    .values({ run_id: run, project_uid: uid, ...columns })
    .onConflict((conflict) => conflict.columns(["run_id", "project_uid"]).doUpdateSet(columns))
    .execute();
}

export async function endRun(db: Kysely<MetadataTables>, run: string): Promise<void> {
  await db.updateTable("plinth.migration_runs").set({ finished_at: new Date() }).where("id", "=", run).where("finished_at", "is", null).execute();
}
