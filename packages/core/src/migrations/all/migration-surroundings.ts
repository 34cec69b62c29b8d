import type { Metadata } from "../../metadata/metadata.ts";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import type { ControlPlane } from "../../projects/control-plane.ts";
import { isStale, upgradeProject } from "../../projects/lifecycle/upgrade-projects.ts";
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
    upgrade(ref: string, actor: string): Promise<boolean>;
  };
  /** Why a project has other migrations than these; undefined where it hasn't. */
  readonly isExempt: (ref: string) => string | undefined;
}

export function migrationSurroundings(controlPlane: ControlPlane, isExempt: MigrationSurroundings["isExempt"] = () => undefined): MigrationSurroundings {
  const { surroundings } = controlPlane;
  return {
    metadata: surroundings.metadata,
    ownerDatabase: (ref) => controlPlane.ownerDatabase(ref),
    setup: {
      isStale: (row) => isPlaced(() => isStale(surroundings, row)),
      upgrade: (ref, actor) => upgradeProject({ ...surroundings, actor }, ref),
    },
    isExempt,
  };
}

/** Of a project on a server that this backend doesn't have nothing is known; its turn will say so. */
function isPlaced(look: () => boolean): boolean {
  try {
    return look();
  } catch (error) {
    if (error instanceof BackendError && error.code === CORE_ERRORS.projectPlacement.code) return false;
    throw error;
  }
}
