import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import { toProject, type ProjectRow } from "../../projects/project-rows.ts";
import { inOrder, migrationsChecksum } from "../migration-checksum.ts";
import type { MigrationFile } from "../migration-file.ts";
import { byName } from "../read-migrations.ts";
import { type MigrateAllOptions, type MigrateAllSettings, withDefaults } from "./migrate-all-options.ts";
import type { MigrationWork } from "./migrate-project.ts";
import { beginRun, endRun, readResults, type RunResult } from "./migration-run.ts";
import type { MigrationSurroundings } from "./migration-surroundings.ts";
import type { AllMigrated, ProjectMigration } from "./project-migration.ts";
import { ProjectTour } from "./project-tour.ts";

/**
 * Applies the files to every project that has not had them. One that fails is left out from then on (quarantine) and
 * does not stop the others; one whose database can't be reached is tried again, and reported if that does not help.
 * Called again after it was broken off, it goes on where it was; called by several processes, they share the work.
 *
 * @throws BackendError PLINTH_PROJECT_NOT_FOUND where `refs` names one that there isn't; PLINTH_DATABASE_UNAVAILABLE
 * where the metadata can't be reached
 */
export async function migrateAll(surroundings: MigrationSurroundings, files: readonly MigrationFile[], options: MigrateAllOptions = {}): Promise<AllMigrated> {
  const settings = withDefaults(options);
  const rows = await selectRows(surroundings, settings);
  const isPartial = settings.refs !== undefined || settings.filter !== undefined;
  const run = settings.dryRun ? undefined : await beginRun(surroundings.metadata, files, isPartial ? rows.map(({ ref }) => ref) : undefined);
  const work = workOf(surroundings, files, settings, run?.id);
  const tour = new ProjectTour(work, settings, rows.length);
  const known = run?.resumed ? await readResults(surroundings.metadata.db, run.id) : new Map<string, RunResult>();
  const left = rows.filter((row) => !tour.settleBeforehand(row, known.get(row.uid)));
  await tour.visit(left);
  if (run !== undefined && !tour.isInterrupted) await endRun(surroundings.metadata.db, run.id);
  return {
    run: run?.id,
    resumed: run?.resumed ?? false,
    interrupted: tour.isInterrupted,
    files: inOrder(files).map(({ name }) => name),
    counts: countOutcomes(tour.results),
    projects: tour.results.toSorted((a, b) => byName(a.ref, b.ref)),
  };
}

async function selectRows({ metadata }: MigrationSurroundings, { refs, filter }: MigrateAllSettings): Promise<readonly ProjectRow[]> {
  const all = metadata.db.selectFrom("plinth.projects").selectAll().orderBy("created_at").orderBy("ref");
  const rows = refs === undefined ? await all.execute() : refs.length === 0 ? [] : await all.where("ref", "in", refs).execute();
  const missing = refs?.filter((ref) => !rows.some((row) => row.ref === ref)) ?? [];
  if (missing.length > 0) throw new BackendError(CORE_ERRORS.projectNotFound, { details: `No project "${missing.join('", "')}".` });
  return filter === undefined ? rows : rows.filter((row) => filter(toProject(row)));
}

function workOf(surroundings: MigrationSurroundings, files: readonly MigrationFile[], settings: MigrateAllSettings, run: string | undefined): MigrationWork {
  const named = new Set(settings.refs);
  const selection = {
    retryQuarantined: settings.retryQuarantined ?? false,
    isNamed: (ref: string) => named.has(ref),
    isExempt: surroundings.isExempt,
  };
  const { lockTimeoutMs, actor } = settings;
  return { surroundings, files, checksum: migrationsChecksum(files), selection, lockTimeoutMs, actor, run, begunAt: new Date() };
}

function countOutcomes(projects: readonly ProjectMigration[]): AllMigrated["counts"] {
  const counts = { migrated: 0, current: 0, pending: 0, failed: 0, changed: 0, quarantined: 0, unavailable: 0, skipped: 0 };
  for (const { outcome } of projects) counts[outcome]++;
  return counts;
}
