import type { Project } from "../../projects/project.ts";
import type { MigrationProgress, ProjectMigration } from "./project-migration.ts";

export interface MigrateAllOptions {
  /** Only these. Adopted databases are migrated only when they are named here. */
  readonly refs?: readonly string[];
  /** Only those for which it says true. */
  readonly filter?: (project: Project) => boolean;
  /** Projects at work on at the same time, each on one connection as its database's owner. Default: 4. */
  readonly concurrency?: number;
  /** Only say what would be done; "try": and do it, in a transaction that is rolled back. Default: false. */
  readonly dryRun?: boolean | "try";
  /** Take those that are in quarantine, too. Default: false. */
  readonly retryQuarantined?: boolean;
  /** Look into every database, also where the metadata says that it has these files. Default: false. */
  readonly verify?: boolean;
  /** How long a statement of a migration waits for a lock that requests hold, in milliseconds; afterwards it is tried again. Default: 10,000. */
  readonly lockTimeoutMs?: number;
  /** How long databases that can't be reached are tried again once the others are done, in milliseconds. Default: 30,000. */
  readonly patienceMs?: number;
  /** Take no more projects once so many have failed. Default: no limit. */
  readonly maxFailures?: number;
  /** Take no more projects when it fires; those at work come to their end. */
  readonly signal?: AbortSignal;
  /** Who asks, for the audit log. Default: "host". */
  readonly actor?: string;
  readonly onProgress?: (progress: MigrationProgress) => void;
  readonly onFailure?: (project: ProjectMigration) => void;
}

/** The options with what they leave out. */
export type MigrateAllSettings = MigrateAllOptions & Required<Pick<MigrateAllOptions, "concurrency" | "dryRun" | "lockTimeoutMs" | "patienceMs" | "maxFailures" | "actor">>;

const DEFAULTS = { concurrency: 4, dryRun: false, lockTimeoutMs: 10_000, patienceMs: 30_000, maxFailures: Number.POSITIVE_INFINITY, actor: "host" } as const;

export function withDefaults(options: MigrateAllOptions): MigrateAllSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { ...DEFAULTS, ...given };
}
