import { baseSetup, requestRolesSetup } from "../base-setup.ts";
import type { DatabaseHost, DatabaseLocation, OwnerConnection, ProvisioningStep, Relocation } from "../database-host.ts";
import type { ProjectRoles } from "../project.ts";
import type { ProjectDatabase } from "../project-record.ts";
import type { EmbeddedInstances } from "./embedded-instances.ts";

/** A data directory in which every project has an embedded database of its own. */
export class EmbeddedHost implements DatabaseHost {
  readonly kind = "embedded";
  readonly cluster = "embedded";
  readonly steps: readonly ProvisioningStep[];
  readonly #instances: EmbeddedInstances;

  constructor(instances: EmbeddedInstances) {
    this.#instances = instances;
    this.steps = [{ name: "directory", run: ({ database }) => this.#makeAfresh(database) }];
  }

  locate(ref: string): Relocation {
    return { database: ref, loginRole: null };
  }

  baseSetup(roles: ProjectRoles): string {
    return requestRolesSetup(roles) + baseSetup(roles);
  }

  async openOwner({ database }: DatabaseLocation): Promise<OwnerConnection> {
    return this.#instances.acquire(database);
  }

  databaseOf({ database }: DatabaseLocation): ProjectDatabase {
    return { kind: "embedded", instance: database };
  }

  /** Nobody gets in but through this process. */
  async shut(): Promise<void> {}

  async reopen(): Promise<void> {}

  drop({ database }: DatabaseLocation): Promise<void> {
    return this.#instances.discard(database);
  }

  /** What is there is from an attempt that was broken off, and nobody has been given it: it may be half made. */
  async #makeAfresh(database: string): Promise<void> {
    await this.#instances.renew(database);
    const lease = await this.#instances.acquire(database);
    await lease.release();
  }
}
