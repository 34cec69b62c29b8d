import pg from "pg";
import { connectionError } from "../../database/connection-error.ts";
import { baseSetup } from "../base-setup.ts";
import type { DatabaseHost, DatabaseLocation, OwnerConnection, ProvisioningStep, Relocation } from "../database-host.ts";
import type { ProjectDatabase } from "../project-record.ts";
import { claimLoginRole } from "./claim-login-role.ts";
import { withDatabase, withLogin } from "./connection-url.ts";
import { createRequestRoles } from "./create-request-roles.ts";
import { dropProjectDatabase } from "./drop-project-database.ts";
import { createDatabase, openToLoginRole } from "./make-database.ts";

export interface NativeHostOptions {
  /** Connects as a role that may create databases and roles (CREATEDB, CREATEROLE). */
  readonly adminUrl: string;
  /** Names the server in the metadata. Default: "default". */
  readonly cluster?: string;
}

/** A PostgreSQL server (≥ 15) on which projects get a database and a login role each. */
export class NativeHost implements DatabaseHost {
  readonly kind = "native";
  readonly cluster: string;
  readonly steps: readonly ProvisioningStep[];
  readonly baseSetup = baseSetup;
  readonly #adminUrl: string;

  constructor({ adminUrl, cluster = "default" }: NativeHostOptions) {
    this.#adminUrl = adminUrl;
    this.cluster = cluster;
    const step = (name: string, work: (admin: pg.Client, target: Parameters<ProvisioningStep["run"]>[0]) => Promise<Relocation | void>): ProvisioningStep => ({
      name,
      run: (target) => this.#withAdmin((admin) => work(admin, target)),
    });
    this.steps = [
      step("login-role", claimLoginRole),
      step("request-roles", createRequestRoles),
      step("database", createDatabase),
      step("access", openToLoginRole),
    ];
  }

  /** One name for both, so that whoever has the role has the name of the database. At most 54 of 63 bytes. */
  locate(ref: string): Relocation {
    return { database: `plinth_${ref}`, loginRole: `plinth_${ref}` };
  }

  async openOwner({ database }: DatabaseLocation): Promise<OwnerConnection> {
    return { config: { connectionString: withDatabase(this.#adminUrl, database) }, release: async () => undefined };
  }

  databaseOf({ database, loginRole }: DatabaseLocation, password: string): ProjectDatabase {
    const url = withLogin(this.#adminUrl, { user: loginRole ?? database, password, database });
    return { kind: "native", cluster: this.cluster, config: { connectionString: url }, url };
  }

  drop(location: DatabaseLocation): Promise<void> {
    return this.#withAdmin((admin) => dropProjectDatabase(admin, location));
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
