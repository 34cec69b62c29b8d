import { LRUCache } from "lru-cache";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { ProjectKeys } from "../keys/project-keys.ts";
import type { DatabaseTenant } from "./database-tenant.ts";

/** A tenant that is open in this process, with what is needed to tell who calls it. */
export interface OpenTenant {
  readonly tenant: DatabaseTenant;
  readonly keys: ProjectKeys;
  /** What a request waits for before a service has it; undefined once there is nothing to wait for. */
  readonly ready?: () => Promise<void> | undefined;
}

export interface TenantRegistryOptions {
  /**
   * Looks the project up and opens it.
   * @throws BackendError PLINTH_PROJECT_NOT_FOUND, PLINTH_PROJECT_PAUSED, PLINTH_DATABASE_UNAVAILABLE
   */
  readonly open: (ref: string) => Promise<OpenTenant>;
  /** Tenants kept open at most; the least recently used is forgotten first. */
  readonly maxOpen: number;
}

/** Tenants open in this process: each opened once however many ask at the same time. */
export class TenantRegistry {
  readonly #options: TenantRegistryOptions;
  readonly #open: LRUCache<string, OpenTenant>;
  readonly #opening = new Map<string, Promise<OpenTenant>>();
  readonly #closing = new Set<Promise<void>>();
  #closed = false;

  constructor(options: TenantRegistryOptions) {
    this.#options = options;
    this.#open = new LRUCache({ max: options.maxOpen, dispose: (value, _ref, reason) => this.#close(value, reason === "evict") });
  }

  /** Tenants that are open. */
  get size(): number {
    return this.#open.size;
  }

  /** The tenant if it is open already: spares the request path a promise. */
  peek(ref: string): OpenTenant | undefined {
    return this.#open.get(ref);
  }

  /** @throws BackendError PLINTH_CLOSED after `close()`; what `open` throws */
  async get(ref: string): Promise<OpenTenant> {
    if (this.#closed) throw new BackendError(CORE_ERRORS.closed);
    const open = this.#open.get(ref);
    if (open) return open;
    let opening = this.#opening.get(ref);
    if (!opening) {
      opening = this.#options.open(ref).then((value) => {
        if (this.#opening.get(ref) === opening) this.#open.set(ref, value);
        else this.#close(value, false);
        return value;
      });
      this.#opening.set(ref, opening);
      const forget = () => {
        if (this.#opening.get(ref) === opening) this.#opening.delete(ref);
      };
      opening.then(forget, forget);
    }
    return opening;
  }

  /** Forgets the tenant and closes it: after it was changed, paused or deleted. */
  async evict(ref: string): Promise<void> {
    this.#opening.delete(ref);
    this.#open.delete(ref);
    await Promise.all(this.#closing);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const opening = [...this.#opening.values()];
    this.#opening.clear();
    await Promise.allSettled(opening);
    this.#open.clear();
    await Promise.all(this.#closing);
  }

  /** @param isOnlyOut nothing is wrong with it: who has it still can go on */
  #close({ tenant }: OpenTenant, isOnlyOut: boolean): void {
    const closing = (isOnlyOut ? tenant.retire() : tenant.close()).catch(() => undefined).finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}
