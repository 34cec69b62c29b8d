import type { Metadata } from "../metadata/metadata.ts";
import type { KeyRing } from "../secrets/key-ring.ts";
import type { OwnerDatabase } from "../tenant/tenant.ts";
import type { PlaceProject } from "./clusters/choose-cluster.ts";
import type { ProjectHosts } from "./clusters/project-hosts.ts";
import type { ServiceFiles } from "../service/service-files.ts";
import type { Project } from "./project.ts";
import type { SecretPath } from "./settings/secret-path.ts";

/**
 * Applies them to a database that is being made; perhaps for the second time.
 * @returns their checksum; undefined where they are not for this project
 */
export type FirstMigrations = (owner: OwnerDatabase, ref: string) => Promise<string | undefined>;

/** What the life of a project takes place in. */
export interface ProjectSurroundings {
  readonly metadata: Metadata;
  readonly keyRing: KeyRing;
  readonly hosts: ProjectHosts;
  /** Chooses among `hosts` for a new project. */
  readonly place: PlaceProject;
  /** SQL of the services, for the databases that are ours. */
  readonly databaseSetup: readonly string[];
  /** Migrations that a new project begins with, where there are any. */
  readonly firstMigrations?: FirstMigrations | undefined;
  /** On whose behalf: for the audit log. */
  readonly actor: string;
  /** Names this control plane in the notices that it sends, which it then needn't hear itself. */
  readonly origin: string;
  /** How long a deleted project can be restored, where the call doesn't say. In milliseconds. */
  readonly deleteGraceMs: number;
  /** How long work under way gets until its sessions are ended. In milliseconds. */
  readonly drainMs: number;
  /**
   * Checks a project's settings before they are stored.
   * @throws BackendError PLINTH_CONFIG_INVALID
   */
  readonly checkSettings: (settings: Readonly<Record<string, unknown>>) => void;
  /** Settings that are stored sealed: `auth.smtp.pass`, say. */
  readonly secretSettings: readonly SecretPath[];
  /** Removes what services keep of a project outside its database, once that is dropped; perhaps for the second time. */
  readonly discard: (project: Pick<Project, "uid" | "ref">) => Promise<void>;
  /** What services keep of a project outside its database, by their names. */
  readonly files: ReadonlyMap<string, ServiceFiles>;
  /** Forgets what this process knows of a project, and closes what it holds open of it. To be called after a change. */
  readonly letGo: (ref: string) => Promise<void>;
}
