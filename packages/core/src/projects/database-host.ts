import type pg from "pg";
import type { ProjectRoles } from "./project.ts";
import type { ProjectDatabase } from "./project-record.ts";

/** Which database is a project's, on its host. */
export interface DatabaseLocation {
  readonly ref: string;
  /** Marks what belongs to this project, and not to one of the same ref before it or on another backend. */
  readonly uid: string;
  readonly database: string;
  /** Null where there are no logins. */
  readonly loginRole: string | null;
}

/** What a step of provisioning works on. */
export interface ProvisioningTarget extends DatabaseLocation {
  readonly password: string;
  readonly roles: ProjectRoles;
  /** The services' set-up, which comes after the host's own. */
  readonly setup: readonly string[];
  /** What is to be in the database comes from elsewhere: it needn't be a copy of a template. */
  readonly isToBeFilled?: boolean;
}

/** Where a step found that the database has to be, if not where it was meant to. */
export type Relocation = Pick<DatabaseLocation, "database" | "loginRole">;

/** What is to be noted of a step that is done. */
export interface StepOutcome extends Partial<Relocation> {
  /** The database came with the whole set-up in it: a copy of a template. */
  readonly isSetUp?: boolean;
}

/** A part of making a database. Done again after a crash, so it must find its own work and go on from there. */
export interface ProvisioningStep {
  /** Recorded when the step is done. */
  readonly name: string;
  run(target: ProvisioningTarget): Promise<StepOutcome | void>;
}

/** A way in with the owner's rights. */
export interface OwnerConnection {
  readonly config: pg.ClientConfig;
  release(): Promise<void>;
}

/** Where project databases are made: a native server, or a data directory of embedded ones. */
export interface DatabaseHost {
  readonly kind: "native" | "embedded";
  /** Names the host in the metadata. */
  readonly cluster: string;
  /** The project whose database is the host's own, and was there before. */
  readonly homeRef?: string | undefined;
  /** Where a new project's database goes. */
  locate(ref: string): Relocation;
  /** Makes the database, up to where its owner can run the set-up in it. */
  readonly steps: readonly ProvisioningStep[];
  /** Makes roles that the server lacks yet, and lets the login switch to them: where they are not part of the set-up. */
  renewRoles?(location: DatabaseLocation, roles: ProjectRoles): Promise<void>;
  /** The set-up of every project's database, idempotent. */
  baseSetup(roles: ProjectRoles): string;
  openOwner(location: DatabaseLocation): Promise<OwnerConnection>;
  /** How requests reach the database. */
  databaseOf(location: DatabaseLocation, password: string): ProjectDatabase;
  /**
   * Lets the project's login in no more, and ends its sessions: those that have not ended by themselves after
   * `drainMs`. Nothing is to be done where only this process gets in.
   */
  shut(location: DatabaseLocation, drainMs: number): Promise<void>;
  /** Lets the project's login in again. */
  reopen(location: DatabaseLocation): Promise<void>;
  /** Takes away whatever of the project is there, be it nothing. */
  drop(location: DatabaseLocation): Promise<void>;
  /** Closes connections that are kept for the work here. */
  close?(): Promise<void>;
}
