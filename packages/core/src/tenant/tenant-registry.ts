import { LRUCache } from "lru-cache";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { ProjectKeys } from "../keys/project-keys.ts";
import type { DatabaseTenant } from "./database-tenant.ts";
import { UnderWay } from "./under-way.ts";

/** How long a tenant that is to be closed is left to the requests that have it, in milliseconds. */
const DRAIN_MS = 10_000;

/** What a tenant is opened as: with what is needed to tell who calls it. */
export interface TenantParts {
  readonly tenant: DatabaseTenant;
  readonly keys: ProjectKeys;
  /** What a request waits for before a service has it; undefined once there is nothing to wait for. */
  readonly ready?: () => Promise<void> | undefined;
}

/** A tenant that is open in this process. */
export interface OpenTenant extends TenantParts {
  /** Those that it serves: `enter` before it is used, `leave` after. Closed to those who come when it is about to be. */
  readonly requests: UnderWay;
}

export interface TenantRegistryOptions {
  /**
   * Looks the project up and opens it.
   * @throws BackendError PLINTH_PROJECT_NOT_FOUND, PLINTH_PROJECT_PAUSED, PLINTH_DATABASE_UNAVAILABLE
   */
  readonly open: (ref: string) => Promise<TenantParts>;
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
      opening = this.#options.open(ref).then((parts) => {
        const value = { ...parts, requests: new UnderWay() };
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
  #close(open: OpenTenant, isOnlyOut: boolean): void {
    const closing = (isOnlyOut ? open.tenant.retire() : closeDrained(open)).catch(() => undefined).finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

/** Requests that have it already end first. */
async function closeDrained({ tenant, requests }: OpenTenant): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, DRAIN_MS)));
  await Promise.race([requests.close(), late]);
  clearTimeout(timer);
  await tenant.close();
}
