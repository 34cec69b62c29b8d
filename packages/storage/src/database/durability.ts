import type { Tenant } from "@plinth/core";

const ASK = "select current_setting('fsync') = 'on' and current_setting('synchronous_commit') <> 'off'";

/**
 * Whether what a project's database has committed outlasts a power failure. Where it doesn't, an object's bytes needn't
 * either: their row would be gone. Asked with the first upload.
 */
export class Durability {
  readonly #tenant: Pick<Tenant, "execute" | "project">;
  #known: Promise<boolean> | undefined;

  constructor(tenant: Pick<Tenant, "execute" | "project">) {
    this.#tenant = tenant;
  }

  /** True where nobody knows: that is the safe one. */
  get(): Promise<boolean> {
    return (this.#known ??= this.#ask().catch(() => {
      this.#known = undefined;
      return true;
    }));
  }

  async #ask(): Promise<boolean> {
    const { service } = this.#tenant.project.roles;
    const [result] = await this.#tenant.execute({ role: service, claims: { role: service }, readOnly: true }, [{ sql: ASK, parameters: [] }]);
    return result!.rows[0]![0] === "t";
  }
}
