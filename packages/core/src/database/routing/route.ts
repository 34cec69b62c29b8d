import type pg from "pg";
import { connectionError, isConnectionFailure } from "../connection-error.ts";
import type { ChannelWatch, ClientUse, DatabasePool } from "../pool.ts";
import { ChannelWatches } from "./channel-watches.ts";
import type { Cluster } from "./cluster.ts";
import type { Exchange } from "./exchange.ts";
import type { RouteTarget } from "./route-target.ts";
import { TargetLease } from "./target-lease.ts";
import { type Connection, TenantLine } from "./tenant-line.ts";
import { closed } from "./turned-away.ts";

/** How long work whose time was over may take to hear of it. */
const CANCELLING_MS = 1_000;

export interface RouteOptions {
  readonly target: RouteTarget;
  readonly cluster: Cluster;
  readonly exchange: Exchange;
  readonly maxConnections: number;
  /** How long `close()` waits for work in flight before it is cancelled. */
  readonly closeTimeoutMs: number;
  readonly nextEpoch: () => number;
  /** Whether the whole pool is. */
  readonly isOpen: () => boolean;
  /** Those that have something to close. */
  readonly active: Set<Route>;
}

/** What a tenant sees of the RoutingPool. Costs no connection until it is used. */
export class Route implements DatabasePool {
  readonly kind: "native" | "embedded";
  readonly #exchange: Exchange;
  readonly #lease: TargetLease;
  readonly #line: TenantLine;
  readonly #pins: TenantLine;
  readonly #watches: ChannelWatches;
  readonly #options: RouteOptions;
  #closing: Promise<void> | undefined;

  constructor(options: RouteOptions) {
    const { target, cluster, exchange, maxConnections } = options;
    this.kind = target.kind;
    this.#options = options;
    this.#exchange = exchange;
    this.#lease = new TargetLease(target, cluster, () => this.#retire());
    this.#watches = new ChannelWatches(this.#lease, this.#watchedConnections());
    const shared = { cluster, lease: this.#lease };
    this.#line = new TenantLine({ ...shared, max: maxConnections, pins: false, listener: this.#watches });
    this.#pins = new TenantLine({ ...shared, max: Number.POSITIVE_INFINITY, pins: true });
  }

  async withClient<T>(work: (client: pg.ClientBase) => Promise<T>, use?: ClientUse): Promise<T> {
    this.#assertOpen();
    this.#line.rate.add(performance.now());
    const connection = this.#exchange.takeIdle(this.#line) ?? (await this.#wait(this.#line, use?.signal));
    let isBroken = false;
    try {
      return await work(connection.client);
    } catch (error) {
      isBroken = isConnectionFailure(error);
      throw isBroken ? connectionError(error) : error;
    } finally {
      this.#exchange.giveBack(connection, isBroken);
    }
  }

  cancel(client: pg.ClientBase): Promise<void> {
    return this.#lease.cancel(client);
  }

  async connect(): Promise<pg.Client> {
    this.#assertOpen();
    return (await this.#wait(this.#pins)).client;
  }

  watch(channel: string, onPayload: (payload: string) => void): ChannelWatch {
    return this.#watches.watch(channel, onPayload);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Those that wait already are let through. */
  async #close(): Promise<void> {
    const { closeTimeoutMs } = this.#options;
    const lines = [this.#line, this.#pins];
    for (const pinned of this.#pins.connections) void this.#exchange.close(pinned);
    if (!(await within(closeTimeoutMs, this.#exchange.quiet(this.#line)))) await this.#breakOff();
    await Promise.all(lines.flatMap(({ connections }) => [...connections].map((connection) => this.#exchange.close(connection))));
    this.#options.active.delete(this);
  }

  async #breakOff(): Promise<void> {
    for (let waiter = this.#line.waiting.head; waiter; waiter = this.#line.waiting.head) waiter.reject(closed());
    for (const { client, state } of this.#line.connections) if (state === "busy") this.cancel(client).catch(() => undefined);
    await within(CANCELLING_MS, this.#exchange.quiet(this.#line));
  }

  async #wait(line: TenantLine, signal?: AbortSignal): Promise<Connection> {
    this.#options.active.add(this);
    try {
      return await this.#exchange.wait(line, signal);
    } catch (error) {
      this.#retire();
      throw error;
    }
  }

  /** A tenant that has no connections leaves nothing behind, be it closed ever or not. */
  #retire(): void {
    if (this.#lease.users === 0 && this.#line.isQuiet && this.#pins.isQuiet) this.#options.active.delete(this);
  }

  #assertOpen(): void {
    if (this.#closing !== undefined || !this.#options.isOpen()) throw closed();
  }

  #watchedConnections(): ConstructorParameters<typeof ChannelWatches>[1] {
    const exchange = this.#exchange;
    const borrow = async (): Promise<Connection> => {
      this.#assertOpen();
      return exchange.takeIdle(this.#line) ?? this.#wait(this.#line);
    };
    const hasConnections = (): boolean => this.#line.connections.size > 0;
    return {
      nextEpoch: this.#options.nextEpoch,
      borrow,
      pin: () => this.#wait(this.#pins),
      claim: (connection) => exchange.claim(connection),
      giveBack: (connection, isBroken) => exchange.giveBack(connection, isBroken),
      close: (connection) => exchange.close(connection),
      get hasConnections() {
        return hasConnections();
      },
    };
  }
}

/** @returns whether it came to an end in time */
async function within(timeoutMs: number, work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), timeoutMs)));
  try {
    return await Promise.race([work.then(() => true as const), late]);
  } finally {
    clearTimeout(timer);
  }
}
