import { recordAudit } from "../../audit/record-audit.ts";
import type { Metadata } from "../../metadata/metadata.ts";
import type { ProjectRow } from "../../projects/project-rows.ts";
import type { MigrationFile } from "../migration-file.ts";
import { migrate } from "../migrate.ts";
import { migrationState } from "../recorded-migrations.ts";
import { failureKind, isServerDown, reasonOf } from "./failure-kind.ts";
import { leftOut, type Selection } from "./left-out.ts";
import { noteResult, readResult, type RunResult } from "./migration-run.ts";
import type { MigrationSurroundings } from "./migration-surroundings.ts";
import type { ProjectMigration } from "./project-migration.ts";
import { liftQuarantine, quarantine } from "./quarantine.ts";

/** What is to be done to each of many projects. */
export interface MigrationWork {
  readonly surroundings: MigrationSurroundings;
  readonly files: readonly MigrationFile[];
  /** Of the files: `migrationsChecksum`. */
  readonly checksum: string;
  readonly selection: Selection;
  readonly lockTimeoutMs: number;
  readonly actor: string;
  /** Where results are noted; undefined: nowhere. */
  readonly run: string | undefined;
  readonly begunAt: Date;
}

/** Done, or to be tried again: at once when somebody else is at work on it, or after a while. */
export type Attempt =
  | { readonly done: true; readonly project: ProjectMigration }
  | { readonly done: false; readonly ref: string; readonly reason: string; readonly isBusy: boolean; readonly isServerDown: boolean };

/** What was done to the project's database, as far as it went. */
interface Deeds {
  readonly applied: string[];
  setup: boolean;
}

/**
 * Brings one project up to date: first the services' set-up, then the files. While it is at that no other process
 * migrates, moves or deletes the project; where one does already, it waits for nothing.
 *
 * @throws what is no failure of the project's: the metadata database is gone, say
 */
export async function migrateProject(work: MigrationWork, { ref, uid }: Pick<ProjectRow, "ref" | "uid">): Promise<Attempt> {
  const start = performance.now();
  const deeds: Deeds = { applied: [], setup: false };
  const finish = (outcome: Pick<ProjectMigration, "outcome" | "reason">): Attempt => ({
    done: true,
    project: { ref, files: deeds.applied, setup: deeds.setup, ...outcome, milliseconds: Math.round(performance.now() - start) },
  });
  const { metadata, setup } = work.surroundings;
  const begun = await readRow(metadata, uid);
  if (begun !== undefined && leftOut(begun, work.selection) === undefined && begun.status !== "moving" && setup.isStale(begun)) {
    const failure = await failureOf(async () => {
      deeds.setup = await setup.upgrade(begun.ref, work.actor);
    });
    if (failure !== undefined) return settleFailure(work, begun, failure, finish);
  }
  const attempt = await metadata.tryExclusive(`project.${ref}`, async () => {
    const row = await readRow(metadata, uid);
    if (row === undefined) return finish({ outcome: "skipped", reason: "it is deleted" });
    if (row.ref !== ref) return later(row.ref, "it was renamed", { isBusy: true });
    if (row.status === "moving") return later(ref, "it is being moved");
    const left = leftOut(row, work.selection);
    if (left !== undefined) return finish(left);
    const result = work.run === undefined ? undefined : await readResult(metadata.db, work.run, uid);
    if (result !== undefined && isSettled(result, row, work)) return { done: true, project: fromResult(ref, result) } as const;
    return migrateLocked(work, row, deeds, finish);
  });
  return attempt ?? later(ref, "another process is at work on it", { isBusy: true });
}

type Finish = (outcome: Pick<ProjectMigration, "outcome" | "reason">) => Attempt;

async function migrateLocked(work: MigrationWork, row: ProjectRow, deeds: Deeds, finish: Finish): Promise<Attempt> {
  let ahead = false;
  const failure = await failureOf(async () => {
    const owner = await work.surroundings.ownerDatabase(row.ref);
    try {
      await migrate(owner, work.files, { lockTimeoutMs: work.lockTimeoutMs, onApplied: (name) => deeds.applied.push(name) });
      ahead = (await migrationState(owner.db, work.files)).ahead;
    } finally {
      await owner.release();
    }
  });
  if (failure !== undefined) return settleFailure(work, row, failure, finish);
  const attempt = finish({ outcome: deeds.applied.length > 0 || deeds.setup ? "migrated" : "current" });
  await note(work, row, attempt, { checksum: ahead && deeds.applied.length === 0 ? undefined : work.checksum });
  return attempt;
}

/** What the project's database has to say against it; anything else is thrown. */
async function failureOf(deed: () => Promise<void>): Promise<unknown> {
  try {
    await deed();
    return undefined;
  } catch (error) {
    if (failureKind(error) === undefined) throw error;
    return error;
  }
}

async function settleFailure(work: MigrationWork, row: ProjectRow, failure: unknown, finish: Finish): Promise<Attempt> {
  const kind = failureKind(failure);
  if (kind === "passing") return later(row.ref, reasonOf(failure), { isServerDown: isServerDown(failure) });
  const attempt = finish({ outcome: kind === "changed" ? "changed" : "failed", reason: reasonOf(failure) });
  await note(work, row, attempt, { failure: kind === "broken" ? failure : undefined });
  return attempt;
}

/** In one transaction, so that a result that can be read is one that holds. */
async function note({ surroundings: { metadata }, run, actor }: MigrationWork, row: ProjectRow, attempt: Attempt, { checksum, failure }: { readonly checksum?: string | undefined; readonly failure?: unknown }): Promise<void> {
  if (!attempt.done) return;
  const { outcome, files, reason, milliseconds } = attempt.project;
  await metadata.db.transaction().execute(async (transaction) => {
    if (checksum !== undefined) {
      await transaction.updateTable("plinth.projects").set({ migrations_checksum: checksum }).where("uid", "=", row.uid).execute();
      await liftQuarantine(transaction, row, actor);
    }
    if (files.length > 0) await recordAudit(transaction, { actor, action: "project.migrate", ref: row.ref, projectUid: row.uid, after: { migrations: files } });
    if (failure !== undefined) await quarantine(transaction, row, failure, actor);
    if (run !== undefined) await noteResult(transaction, run, row.uid, { outcome: outcome as RunResult["outcome"], applied: files, error: reason ?? null, milliseconds });
  });
}

/** Of a run that this goes on with, or that another process is at: what need not be done once more. */
export function isSettled(result: RunResult, row: Pick<ProjectRow, "quarantine">, { begunAt, selection }: Pick<MigrationWork, "begunAt" | "selection">): boolean {
  if (result.outcome === "migrated" || result.outcome === "current") return true;
  if (result.at >= begunAt) return true;
  return result.outcome === "failed" && row.quarantine !== null && !selection.retryQuarantined;
}

export function fromResult(ref: string, { outcome, applied, error, milliseconds }: RunResult): ProjectMigration {
  return { ref, outcome, files: applied, setup: false, ...(error === null ? {} : { reason: error }), milliseconds };
}

const later = (ref: string, reason: string, { isBusy = false, isServerDown: down = false } = {}): Attempt => ({ done: false, ref, reason, isBusy, isServerDown: down });

const readRow = (metadata: Metadata, uid: string): Promise<ProjectRow | undefined> => metadata.db.selectFrom("plinth.projects").selectAll().where("uid", "=", uid).executeTakeFirst();
