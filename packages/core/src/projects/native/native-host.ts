import pg from "pg";
import { connectionError } from "../../database/connection-error.ts";
import { baseSetup } from "../base-setup.ts";
import type { DatabaseHost, DatabaseLocation, OwnerConnection, ProvisioningStep, Relocation } from "../database-host.ts";
import type { ProjectDatabase } from "../project-record.ts";
import { claimLoginRole } from "./claim-login-role.ts";
import { describeUrl, withDatabase, withLogin } from "./connection-url.ts";
import { createRequestRoles } from "./create-request-roles.ts";
import { dropProjectDatabase, leaveHomeDatabase } from "./drop-project-database.ts";
import { openHomeToLoginRole } from "./home-database.ts";
import { createDatabase, openToLoginRole } from "./make-database.ts";

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
}

/** A PostgreSQL server (≥ 15) on which projects get a database and a login role each. */
export class NativeHost implements DatabaseHost {
  readonly kind = "native";
  readonly cluster: string;
  readonly steps: readonly ProvisioningStep[];
  readonly baseSetup = baseSetup;
  readonly #adminUrl: string;
  readonly #homeDatabase: string;
  readonly #homeRef: string | undefined;

  constructor({ adminUrl, cluster = "default", homeRef }: NativeHostOptions) {
    this.#adminUrl = adminUrl;
    this.#homeDatabase = describeUrl(adminUrl).database;
    this.#homeRef = homeRef;
    this.cluster = cluster;
    const isHome = (location: DatabaseLocation): boolean => location.database === this.#homeDatabase;
    const step = (name: string, work: (admin: pg.Client, target: Parameters<ProvisioningStep["run"]>[0]) => Promise<Relocation | void>): ProvisioningStep => ({
      name,
      run: (target) => this.#withAdmin((admin) => work(admin, target)),
    });
    this.steps = [
      step("login-role", async (admin, target) => {
        const loginRole = await claimLoginRole(admin, target);
        return { loginRole, database: isHome(target) ? target.database : loginRole };
      }),
      step("request-roles", createRequestRoles),
      step("database", async (admin, target) => (isHome(target) ? undefined : createDatabase(admin, target))),
      step("access", (admin, target) => (isHome(target) ? openHomeToLoginRole(admin, target) : openToLoginRole(admin, target))),
    ];
  }

  /** One name for both, so that whoever has the role has the name of the database. At most 54 of 63 bytes. */
  locate(ref: string): Relocation {
    return { database: ref === this.#homeRef ? this.#homeDatabase : `plinth_${ref}`, loginRole: `plinth_${ref}` };
  }

  async openOwner({ database }: DatabaseLocation): Promise<OwnerConnection> {
    return { config: { connectionString: withDatabase(this.#adminUrl, database) }, release: async () => undefined };
  }

  databaseOf({ database, loginRole }: DatabaseLocation, password: string): ProjectDatabase {
    const url = withLogin(this.#adminUrl, { user: loginRole ?? database, password, database });
    return { kind: "native", cluster: this.cluster, config: { connectionString: url }, url };
  }

  /** The admin URL's own database stays, whichever project is in it: it holds the control plane, and more than ours. */
  drop(location: DatabaseLocation): Promise<void> {
    return this.#withAdmin((admin) => (location.database === this.#homeDatabase ? leaveHomeDatabase(admin, location) : dropProjectDatabase(admin, location)));
  }

  async #withAdmin<T>(work: (admin: pg.Client) => Promise<T>): Promise<T> {
    const admin = new pg.Client({ connectionString: this.#adminUrl, connectionTimeoutMillis: 10_000 });
    // A connection that breaks also fails its query, which is where the error is dealt with.
    admin.on("error", () => undefined);
    await admin.connect().catch((error: unknown) => Promise.reject(connectionError(error)));
    try {
      return await work(admin);
    } finally {
      await admin.end().catch(() => undefined);
    }
  }
}
