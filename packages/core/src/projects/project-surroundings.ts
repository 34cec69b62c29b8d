import type { Metadata } from "../metadata/metadata.ts";
import type { KeyRing } from "../secrets/key-ring.ts";
import type { DatabaseHost } from "./database-host.ts";

/** What the life of a project takes place in. */
export interface ProjectSurroundings {
  readonly metadata: Metadata;
  readonly keyRing: KeyRing;
  readonly host: DatabaseHost;
  /** SQL of the services, for the databases that are ours. */
  readonly databaseSetup: readonly string[];
  /** Closes what this process holds open of a project whose database is about to go. */
  readonly letGo: (ref: string) => Promise<void>;
}
