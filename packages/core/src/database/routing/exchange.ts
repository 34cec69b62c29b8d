import { ConnectionOpener } from "./connection-opener.ts";
import type { Cluster } from "./cluster.ts";
import { Deadlines } from "./deadlines.ts";
import { endClient } from "./open-client.ts";
import { Scheduler } from "./scheduler.ts";
import type { Connection, ConnectionListener, TenantLine } from "./tenant-line.ts";
import { aborted, tooManyWait, unavailable, waitedTooLong } from "./turned-away.ts";
import { Sweep } from "./sweep.ts";

/** How long a connection that takes its leave may take for it. */
const LEAVING_MS = 2_000;

export interface ExchangeOptions {
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly idleTimeoutMs: number;
  /** How long one waits for a connection, and how long opening one may take. */
  readonly acquireTimeoutMs: number;
  readonly maxWaitingPerTenant: number;
  readonly quantumMs: number;
}

/** Where connections change hands: from one borrower to the next, from one tenant to another. */
export class Exchange {
  readonly connections = new Set<Connection>();
  readonly #options: ExchangeOptions;
  readonly #scheduler: Scheduler;
  readonly #opener: ConnectionOpener;
  readonly #deadlines: Deadlines;
  readonly #sweep: Sweep;
  /** Told when a line may have become quiet. */
  readonly #onQuiet = new Map<TenantLine, () => void>();

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#deadlines = new Deadlines(options.acquireTimeoutMs);
    this.#sweep = new Sweep(this.connections, options.idleTimeoutMs, (connection) => void this.close(connection));
    this.#opener = new ConnectionOpener({
      timeoutMs: options.acquireTimeoutMs,
      opened: (connection) => this.#opened(connection),
      failed: (line) => this.#openFailed(line),
    });
    this.#scheduler = new Scheduler({
      quantumMs: options.quantumMs,
      clusters: options.clusters,
      connections: this.connections,
      open: (line, room) => this.#opener.open(line, room),
      evict: (connection) => this.#evict(connection),
    });
  }

  /** Takes an idle connection of the line, if there is one: the request path's usual case. */
  takeIdle(line: TenantLine): Connection | undefined {
    const connection = line.takeIdle();
    if (connection === undefined) return undefined;
    connection.state = "busy";
    connection.client.ref();
    return connection;
  }

  /**
   * Waits for a connection of the line: the next that is free, or one that is opened.
   * @throws BackendError PLINTH_DATABASE_UNAVAILABLE, PLINTH_DATABASE_BUSY, PLINTH_REQUEST_ABORTED
   */
  wait(line: TenantLine, signal: AbortSignal | undefined): Promise<Connection> {
    const now = performance.now();
    const refusal = this.#refusalOf(line, signal, now);
    if (refusal) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      const { cluster } = line;
      const onAbort = (): void => end(() => reject(aborted()));
      const withdraw = this.#deadlines.add(now, () => {
        cluster.counts.timeouts++;
        end(() => reject(waitedTooLong()));
      });
      const end = (settle: () => void): void => {
        leave();
        withdraw();
        signal?.removeEventListener("abort", onAbort);
        cluster.waiting--;
        cluster.counts.waitedMs += performance.now() - now;
        settle();
        this.#tellIfQuiet(line);
      };
      const leave = line.waiting.join({ since: now, resolve: (connection) => end(() => resolve(connection)), reject: (error) => end(() => reject(error)) });
      signal?.addEventListener("abort", onAbort, { once: true });
      cluster.waiting++;
      cluster.counts.waits++;
      this.#scheduler.add(line);
      this.#scheduler.run();
    });
  }

  /** The connection's borrower is done with it. */
  giveBack(connection: Connection, isBroken: boolean): void {
    if (connection.state === "closed") return;
    if (isBroken || isInTransaction(connection)) return void this.close(connection);
    const { line } = connection;
    const claim = connection.claims.shift();
    if (claim) return claim(connection);
    if (line.listener?.wantsConnection) return void this.#prepare(connection, line.listener);
    connection.lastUsedAt = performance.now();
    connection.uses++;
    const heir = this.#scheduler.hasHungry ? this.#scheduler.heirOf(connection, connection.lastUsedAt) : undefined;
    if (heir) return this.#handOver(connection, heir);
    const waiter = line.waiting.head;
    if (!waiter) return this.#rest(connection);
    waiter.resolve(connection);
    if (line.waiting.length === 0) this.#scheduler.remove(line);
  }

  /** Takes this connection and no other, as soon as it is free. @returns false where it is gone before */
  async claim(connection: Connection): Promise<boolean> {
    if (connection.state === "closed") return false;
    if (connection.state === "busy") return (await new Promise((resolve) => connection.claims.push(resolve))) !== undefined;
    connection.line.withdraw(connection);
    connection.state = "busy";
    connection.client.ref();
    return true;
  }

  /** Resolves when the server has one connection less. What runs on it is broken off. */
  async close(connection: Connection): Promise<void> {
    if (connection.state === "closed") return;
    const { line } = connection;
    const { cluster } = line;
    line.withdraw(connection);
    connection.state = "closed";
    line.connections.delete(connection);
    this.connections.delete(connection);
    line.listener?.lost(connection);
    for (const claim of connection.claims.splice(0)) claim(undefined);
    if (line.waiting.length > 0) this.#scheduler.add(line);
    // Whoever waits for the end is to hear of it, be there nothing else to keep the process alive.
    connection.client.ref();
    await endClient(connection.client, LEAVING_MS);
    cluster.counts.closes++;
    if (line.pins) cluster.pinned--;
    cluster.giveBack();
    const dropped = line.lease.drop();
    this.#tellIfQuiet(line);
    this.#scheduler.run();
    await dropped;
  }

  /** Resolves once nobody waits or works on the line. */
  quiet(line: TenantLine): Promise<void> {
    if (line.isQuiet) return Promise.resolve();
    return new Promise((resolve) => {
      const before = this.#onQuiet.get(line);
      this.#onQuiet.set(line, () => {
        before?.();
        resolve();
      });
    });
  }

  stop(): void {
    this.#scheduler.stop();
    this.#sweep.stop();
  }

  #refusalOf(line: TenantLine, signal: AbortSignal | undefined, now: number): Error | undefined {
    if (signal?.aborted) return aborted();
    if (line.waiting.length >= this.#options.maxWaitingPerTenant) return tooManyWait();
    return line.turnsAway(now) ? this.#downError(line, now) : undefined;
  }

  #downError({ cluster, outage }: TenantLine, now: number): Error {
    const reason = cluster.outage.isOver ? outage : cluster.outage;
    return unavailable(reason.cause, reason.retryAfter(now));
  }

  #rest(connection: Connection): void {
    connection.state = "idle";
    connection.line.idle.push(connection);
    connection.client.unref();
    this.#sweep.start();
    this.#tellIfQuiet(connection.line);
    if (this.#scheduler.hasHungry) this.#scheduler.run();
  }

  #evict(connection: Connection): Promise<void> {
    connection.line.cluster.counts.evictions++;
    return this.close(connection);
  }

  #handOver(connection: Connection, heir: TenantLine): void {
    connection.line.handedOver(connection.lastUsedAt);
    this.#opener.open(heir, this.#evict(connection));
  }

  #opened(connection: Connection): void {
    const { line } = connection;
    this.connections.add(connection);
    // Its borrower ended it, or it broke: whoever works with it finds out by the work.
    connection.client.once("end", () => void this.close(connection));
    if (line.pins) this.#pin(connection);
    else this.giveBack(connection, false);
    if (line.waiting.length > 0) this.#scheduler.add(line);
    this.#scheduler.run();
  }

  /** As long as a connection is being prepared, its tenant has one more coming. */
  async #prepare(connection: Connection, listener: ConnectionListener): Promise<void> {
    const { line } = connection;
    line.opening++;
    await listener.prepare(connection);
    line.opening--;
    this.giveBack(connection, false);
    if (line.waiting.length > 0) this.#scheduler.add(line);
    this.#tellIfQuiet(line);
  }

  /** To be ended by who waited for it. */
  #pin(connection: Connection): void {
    const waiter = connection.line.waiting.head;
    if (waiter) waiter.resolve(connection);
    else void this.close(connection);
  }

  #openFailed(line: TenantLine): void {
    const now = performance.now();
    if (line.waiting.length > 0) this.#scheduler.add(line);
    for (const hopeless of [...this.#scheduler.lines, line]) {
      if (hopeless.turnsAway(now)) for (let waiter = hopeless.waiting.head; waiter; waiter = hopeless.waiting.head) waiter.reject(this.#downError(hopeless, now));
    }
    this.#tellIfQuiet(line);
    this.#scheduler.run();
  }

  #tellIfQuiet(line: TenantLine): void {
    if (this.#onQuiet.size === 0 || !line.isQuiet) return;
    const tell = this.#onQuiet.get(line);
    this.#onQuiet.delete(line);
    tell?.();
  }
}

/** A connection given back in mid-transaction would carry its role and locks to the next user. */
function isInTransaction({ client }: Connection): boolean {
  const status = client.getTransactionStatus();
  return status !== "I" && status !== null;
}
