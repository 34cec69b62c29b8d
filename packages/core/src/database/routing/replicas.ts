import type pg from "pg";
import { BackendError } from "../../errors/backend-error.ts";
import { isConnectionFailure } from "../connection-error.ts";
import type { ChannelWatch, ClientUse, DatabasePool } from "../pool.ts";
import type { ReplicaMonitor } from "./replica-monitor.ts";

/**
 * What may be otherwise on the primary: a schema or rights that have not arrived yet (classes 3F, 42), what a standby
 * can't do at all (0A, 25), and statements that stand in the way of what arrives (40).
 * https://www.postgresql.org/docs/current/hot-standby.html
 */
const MAY_BE_OTHERWISE: ReadonlySet<string> = new Set(["0A", "25", "3F", "40", "42"]);

export interface ReplicatedPoolOptions {
  readonly primary: DatabasePool;
  /** In the order in which the monitor knows them. */
  readonly replicas: readonly DatabasePool[];
  readonly monitor: ReplicaMonitor;
}

/**
 * A project's connections to a primary and its replicas. What only reads goes to a replica that has everything this
 * process has written to the project before, and is no further behind than the monitor allows; else to the primary.
 */
export class ReplicatedPool implements DatabasePool {
  readonly kind = "native";
  readonly #options: ReplicatedPoolOptions;
  readonly #lentBy = new WeakMap<pg.ClientBase, DatabasePool>();
  #wroteAt = Number.NEGATIVE_INFINITY;

  constructor(options: ReplicatedPoolOptions) {
    this.#options = options;
  }

  async withClient<T>(work: (client: pg.ClientBase) => Promise<T>, use: ClientUse = {}): Promise<T> {
    if (!use.readOnly) return this.#onPrimary(work, use);
    const place = this.#options.monitor.choose(this.#wroteAt);
    const replica = place === undefined ? undefined : this.#options.replicas[place];
    if (place === undefined || replica === undefined) return this.#onPrimary(work, use);
    return this.#onReplica(replica, place, work, use);
  }

  async #onPrimary<T>(work: (client: pg.ClientBase) => Promise<T>, use: ClientUse): Promise<T> {
    try {
      return await this.#options.primary.withClient(work, use);
    } finally {
      if (!use.readOnly && !use.repeatable) this.#wroteAt = performance.now();
    }
  }

  async #onReplica<T>(replica: DatabasePool, place: number, work: (client: pg.ClientBase) => Promise<T>, use: ClientUse): Promise<T> {
    let isBegun = false;
    const noted = (client: pg.ClientBase): Promise<T> => {
      isBegun = true;
      this.#lentBy.set(client, replica);
      return work(client);
    };
    try {
      return await replica.withClient(noted, use);
    } catch (error) {
      if (isOfConnection(error)) this.#options.monitor.failed(place);
      const mayGoOn = isBegun ? use.repeatable === true && (isOfConnection(error) || mayBeOtherwise(error)) : isOfConnection(error);
      if (!mayGoOn || use.signal?.aborted) throw error;
      return this.#onPrimary(work, use);
    }
  }

  cancel(client: pg.ClientBase): Promise<void> {
    return (this.#lentBy.get(client) ?? this.#options.primary).cancel(client);
  }

  connect(): Promise<pg.Client> {
    return this.#options.primary.connect();
  }

  watch(channel: string, onPayload: (payload: string) => void): ChannelWatch {
    return this.#options.primary.watch(channel, onPayload);
  }

  async close(): Promise<void> {
    const { primary, replicas } = this.#options;
    await Promise.all([primary, ...replicas].map((pool) => pool.close()));
  }
}

/** That a connection can't be had, or was lost. Being told to wait counts too: the primary may have one. */
const isOfConnection = (error: unknown): boolean =>
  error instanceof BackendError ? error.status === 503 || error.status === 504 : isConnectionFailure(error);

const mayBeOtherwise = (error: unknown): boolean => MAY_BE_OTHERWISE.has(String((error as { code?: unknown } | null)?.code ?? "").slice(0, 2));
