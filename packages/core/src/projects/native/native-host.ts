import type pg from "pg";
import { baseSetup } from "../base-setup.ts";
import type { DatabaseHost, DatabaseLocation, OwnerConnection, ProvisioningStep, ProvisioningTarget, Relocation, StepOutcome } from "../database-host.ts";
import type { ProjectRoles } from "../project.ts";
import type { ProjectDatabase } from "../project-record.ts";
import { AdminConnections } from "./admin-connections.ts";
import { claimLoginRole, type LoginLimits } from "./claim-login-role.ts";
import { describeUrl, withDatabase, withLogin } from "./connection-url.ts";
import { createRequestRoles } from "./create-request-roles.ts";
import { DatabaseTemplates } from "./database-templates.ts";
import { dropProjectDatabase, leaveHomeDatabase } from "./drop-project-database.ts";
import { openHomeToLoginRole } from "./home-database.ts";
import { lockProject } from "./lock-project.ts";
import { createDatabase, openToLoginRole } from "./make-database.ts";
import { SECLUSION } from "./seclusion.ts";
import { reopenLogin, shutLogin } from "./shut-login.ts";

export interface NativeHostOptions {
  /** Connects as a role that may create databases and roles (CREATEDB, CREATEROLE). */
  readonly adminUrl: string;
  /** Names the server in the metadata. Default: "default". */
  readonly cluster?: string;
  /**
   * The project that lives in the admin URL's own database, beside what is there already: the one of a host that has
   * a database and one project. Default: none.
   */
  readonly homeRef?: string;
  /**
   * A pooler before the server that lends connections by the transaction (PgBouncer): host, port and parameters. Requests
   * go through it, with the logins and databases of projects; everything else past it.
   */
  readonly poolerUrl?: string | undefined;
  /** Servers that follow this one (streaming replication), for reading: of each, login and database are put in place. */
  readonly replicaUrls?: readonly string[];
  /** Of every project's login role. */
  readonly loginLimits?: LoginLimits;
}

/** A PostgreSQL server (≥ 15) on which projects get a database and a login role each. */
export class NativeHost implements DatabaseHost {
  readonly kind = "native";
  readonly cluster: string;
  readonly homeRef: string | undefined;
  readonly steps: readonly ProvisioningStep[];
  readonly #adminUrl: string;
  readonly #poolerUrl: string | undefined;
  readonly #replicaUrls: readonly string[];
  readonly #homeDatabase: string;
  readonly #admin: AdminConnections;

  constructor({ adminUrl, cluster = "default", homeRef, poolerUrl, replicaUrls = [], loginLimits = {} }: NativeHostOptions) {
    this.#adminUrl = adminUrl;
    this.#poolerUrl = poolerUrl;
    this.#replicaUrls = replicaUrls;
    this.#homeDatabase = describeUrl(adminUrl).database;
    this.#admin = new AdminConnections(adminUrl);
    this.homeRef = homeRef;
    this.cluster = cluster;
    const templates = new DatabaseTemplates({ adminUrl, baseSetup: (roles) => this.baseSetup(roles) });
    const isHome = (location: DatabaseLocation): boolean => location.database === this.#homeDatabase;
    const step = (name: string, work: (admin: pg.ClientBase, target: ProvisioningTarget) => Promise<StepOutcome | void>): ProvisioningStep => ({
      name,
      run: (target) => this.#with(target, (admin) => work(admin, target)),
    });
    this.steps = [
      step("login-role", async (admin, target) => {
        const loginRole = await claimLoginRole(admin, target, loginLimits);
        return { loginRole, database: isHome(target) ? target.database : loginRole };
      }),
      step("request-roles", createRequestRoles),
      step("database", async (admin, target) => (isHome(target) ? undefined : createDatabase(admin, target, templates))),
      step("access", (admin, target) => (isHome(target) ? openHomeToLoginRole(admin, target) : openToLoginRole(admin, target))),
    ];
  }

  /** One name for both, so that whoever has the role has the name of the database. At most 54 of 63 bytes. */
  locate(ref: string): Relocation {
    return { database: ref === this.homeRef ? this.#homeDatabase : `plinth_${ref}`, loginRole: `plinth_${ref}` };
  }

  renewRoles(location: DatabaseLocation, roles: ProjectRoles): Promise<void> {
    return this.#with(location, (admin) => createRequestRoles(admin, { ...location, roles }));
  }

  baseSetup(roles: ProjectRoles): string {
    return baseSetup(roles, SECLUSION);
  }

  async openOwner({ database }: DatabaseLocation): Promise<OwnerConnection> {
    return { config: { connectionString: withDatabase(this.#adminUrl, database) }, release: async () => undefined };
  }

  databaseOf({ database, loginRole }: DatabaseLocation, password: string): ProjectDatabase {
    const login = { user: loginRole ?? database, password, database };
    const url = withLogin(this.#adminUrl, login);
    const pooled = this.#poolerUrl === undefined ? undefined : { connectionString: withLogin(this.#poolerUrl, login) };
    const replicas = this.#replicaUrls.map((replicaUrl) => ({ connectionString: withLogin(replicaUrl, login) }));
    return { kind: "native", cluster: this.cluster, config: { connectionString: url }, pooled, replicas, url, sharesRoles: database !== this.#homeDatabase };
  }

  shut(location: DatabaseLocation, drainMs: number): Promise<void> {
    return this.#with(location, (admin) => shutLogin(admin, location, drainMs));
  }

  reopen(location: DatabaseLocation): Promise<void> {
    return this.#with(location, (admin) => reopenLogin(admin, location));
  }

  /** The admin URL's own database stays, whichever project is in it: it holds the control plane, and more than ours. */
  drop(location: DatabaseLocation): Promise<void> {
    return this.#with(location, (admin) => (location.database === this.#homeDatabase ? leaveHomeDatabase(admin, location) : dropProjectDatabase(admin, location)));
  }

  close(): Promise<void> {
    return this.#admin.close();
  }

  #with<T>(location: DatabaseLocation, work: (admin: pg.ClientBase) => Promise<T>): Promise<T> {
    return this.#admin.use((admin) => lockProject(admin, location, () => work(admin)));
  }
}
