import type { Metadata } from "../../metadata/metadata.ts";
import type { OwnerDatabaseLease } from "../../projects/open-owner-database.ts";
import type { ProjectRow } from "../../projects/project-rows.ts";

/** What migrations of many projects take place in. */
export interface MigrationSurroundings {
  readonly metadata: Metadata;
  /** @throws BackendError PLINTH_DATABASE_UNAVAILABLE */
  readonly ownerDatabase: (ref: string) => Promise<OwnerDatabaseLease>;
  /** The SQL that services need in every project's database. */
  readonly setup: {
    isStale(row: ProjectRow): boolean;
    /** Takes the project's lock. Does nothing where it is up to date. */
    upgrade(ref: string): Promise<void>;
  };
  /** Projects that have migrations of their own; why, for the report. */
  readonly isExempt?: (ref: string) => string | undefined;
}
