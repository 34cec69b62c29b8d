import type { ObjectKey, ObjectStore, Tenant } from "@plinth/core";
import { toTrimmed, trimNamesOf } from "../versions/trim-versions.ts";

/** How long bytes wait to be thrown away together, in milliseconds. */
const DELAY_MS = 100;

const ARCHIVED = "and not exists (select from storage.object_versions v where v.version = g.version)";

/** Those of the versions that no row names: `$1` is a JSON list. Adopted databases keep no earlier versions. */
const unknownSql = (isAdopted: boolean): string => `
  select g.version from json_array_elements_text($1::json) as g (version)
   where not exists (select from storage.objects o where o.version = g.version)
     ${isAdopted ? "" : ARCHIVED}`;

/**
 * Deletes bytes that no object has any more. They are looked for first, so that none goes which some object has after all
 * (its bucket keeps versions, or a write went through whose answer was lost). What a bucket keeps no longer, now that it keeps
 * one version more, goes with them. What is not deleted here, because the process ends or the store is away, is found by the
 * sweep.
 */
export class Trash {
  /** Versions whose bytes are being written, or were just now, and whose row isn't there yet: nobody may take them for nobody's. */
  readonly underWay = new Set<string>();
  readonly #tenant: Tenant;
  readonly #store: ObjectStore;
  readonly #keyOf: (version: string) => ObjectKey;
  #waiting = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #emptying: Promise<void> = Promise.resolve();

  constructor(tenant: Tenant, store: ObjectStore, keyOf: (version: string) => ObjectKey) {
    this.#tenant = tenant;
    this.#store = store;
    this.#keyOf = keyOf;
  }

  add(versions: Iterable<string>): void {
    for (const version of versions) this.#waiting.add(version);
    if (this.#waiting.size > 0) this.#timer ??= setTimeout(() => void this.empty(), DELAY_MS).unref();
  }

  /** Deletes what waits now; for those who can't wait. */
  empty(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const versions = [...this.#waiting];
    this.#waiting = new Set();
    this.#emptying = this.#emptying.then(() => this.#delete(versions)).catch(() => undefined);
    return this.#emptying;
  }

  async #delete(versions: readonly string[]): Promise<void> {
    if (versions.length === 0) return;
    const unknown = await this.#unknown(versions);
    if (unknown.length > 0) await this.#store.delete(unknown.map(this.#keyOf));
  }

  /** Those that no row names; and those that their buckets keep no longer, now that they keep one more. */
  async #unknown(versions: readonly string[]): Promise<string[]> {
    const { adopted, roles: { service } } = this.#tenant.project;
    const given = JSON.stringify(versions);
    const statements = [...(adopted ? [] : [trimNamesOf(given)]), { sql: unknownSql(adopted), parameters: [given] }];
    const results = await this.#tenant.execute({ role: service, claims: { role: service }, readOnly: adopted }, statements);
    const trimmed = adopted ? [] : toTrimmed(results[0]!).filter(({ isUsed }) => !isUsed);
    return [...new Set([...trimmed.map(({ version }) => version), ...results.at(-1)!.rows.map(([version]) => version!)])];
  }
}
