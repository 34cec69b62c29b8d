/**
 * What became of one project.
 * - `migrated`: files were applied, or the services' set-up was brought up to date
 * - `current`: there was nothing to do
 * - `pending`: there is something to do (dry run)
 * - `failed`: a file failed, and the project is in quarantine now; files before it stay applied
 * - `changed`: a file that was applied before has changed since, so nothing was done
 * - `quarantined`: left out, because it failed in an earlier run
 * - `unavailable`: its database can't be reached, or would not give a lock, for now
 * - `skipped`: not to be migrated, for the reason given
 */
export type ProjectMigrationOutcome = "migrated" | "current" | "pending" | "failed" | "changed" | "quarantined" | "unavailable" | "skipped";

export interface ProjectMigration {
  readonly ref: string;
  readonly outcome: ProjectMigrationOutcome;
  /** Names of the files that were applied now; in a dry run, that would be. */
  readonly files: readonly string[];
  /** The set-up that services need was brought up to date; in a dry run, would be. */
  readonly setup: boolean;
  /** Why it failed, was left out or could not be reached: one line. */
  readonly reason?: string;
  readonly milliseconds: number;
}

export interface MigrationProgress {
  /** Projects whose outcome is known. */
  readonly done: number;
  readonly total: number;
  /** The one that was just done. */
  readonly project: ProjectMigration;
}

/** What a run over all projects has come to. */
export interface AllMigrated {
  /** Id of the run in `plinth.migration_runs`; undefined for a dry run. */
  readonly run: string | undefined;
  /** It goes on with one that was broken off. */
  readonly resumed: boolean;
  /** It was ended before every project had its turn: by `signal`, or by `maxFailures`. */
  readonly interrupted: boolean;
  /** Names of the files, in order. */
  readonly files: readonly string[];
  readonly counts: Readonly<Record<ProjectMigrationOutcome, number>>;
  /** In the order of the projects' refs. */
  readonly projects: readonly ProjectMigration[];
}
