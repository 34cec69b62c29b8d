import type { Cluster } from "./cluster.ts";
import { coldest, leastMissed } from "./eviction.ts";
import type { Connection, TenantLine } from "./tenant-line.ts";

/** How often it is looked again whose turn it is, where nothing else happens that would give somebody one. */
const PULSE_MS = 5;

/** How many times as long a tenant's one more connection has to wait, for each that it has, where another tenant's is closed for it. */
const TAKES_AFTER = 5;

/** Times that opening one takes, for which a connection is kept. */
const QUANTUM_OF_OPENINGS = 5;

export interface SchedulerOptions {
  /** How long a tenant keeps a connection that others wait for, at least. */
  readonly quantumMs: number;
  readonly clusters: ReadonlyMap<string, Cluster>;
  /** Every open connection. */
  readonly connections: ReadonlySet<Connection>;
  /** Begins to open a connection, once `room` is made. */
  readonly open: (line: TenantLine, room?: Promise<unknown>) => void;
  readonly evict: (connection: Connection) => Promise<void>;
}

/** Whose turn it is to open a connection, and whose is closed for it. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #hungry = new Set<TenantLine>();
  /** Who has waited longer than a quantum while there was nothing to be had. */
  #starved: TenantLine | undefined;
  #pulse: NodeJS.Timeout | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  get hasHungry(): boolean {
    return this.#hungry.size > 0;
  }

  /** Those that wait for one more connection to be opened. */
  get lines(): Iterable<TenantLine> {
    return this.#hungry;
  }

  add(line: TenantLine): void {
    if (line.opening === 0) this.#hungry.add(line);
  }

  remove(line: TenantLine): void {
    this.#hungry.delete(line);
  }

  /** Opens as many connections as limits allow, for those that have waited longest first. */
  run(): void {
    if (this.#hungry.size === 0) return;
    const now = performance.now();
    if (this.#mayOpen(now)) this.#openAll(now);
    if (this.#hungry.size > 0) this.#pulse ??= setTimeout(() => this.#onPulse(), PULSE_MS).unref();
  }

  #openAll(now: number): void {
    const stuck = new Set<Cluster | TenantLine>();
    this.#starved = undefined;
    for (let line = this.#next(now, stuck); line; line = this.#next(now, stuck)) {
      if (this.#serve(line, now)) this.#hungry.delete(line);
      else stuck.add(line.grows ? line : line.cluster);
    }
  }

  /** Spares a look at all lines where it would be in vain: this is asked with each request that has to wait. */
  #mayOpen(now: number): boolean {
    for (const cluster of this.#options.clusters.values()) if (cluster.mayOpen(now)) return true;
    return false;
  }

  /** Who is to have the place of `connection`, rather than those who wait for it within its own tenant. */
  heirOf(connection: Connection, now: number): TenantLine | undefined {
    const heir = this.#starved;
    const { line } = connection;
    if (heir === undefined || line === heir || line.pins || !heir.isHungry(now) || !heir.mayOpen(now)) return undefined;
    if (heir.cluster.isFull(now) ? line.cluster !== heir.cluster : !line.cluster.isTotalFull) return undefined;
    if (line.connections.size <= heir.connections.size + 1 && now - connection.openedAt < this.#quantumOf(line.cluster)) return undefined;
    this.#starved = undefined;
    this.#hungry.delete(heir);
    return heir;
  }

  /** Connections are not to spend more time on being opened than on work. */
  #quantumOf({ openingMs }: Cluster): number {
    return Math.max(this.#options.quantumMs, QUANTUM_OF_OPENINGS * openingMs);
  }

  stop(): void {
    clearTimeout(this.#pulse);
    this.#hungry.clear();
  }

  #onPulse(): void {
    this.#pulse = undefined;
    this.run();
  }

  #next(now: number, stuck: ReadonlySet<Cluster | TenantLine>): TenantLine | undefined {
    let first: TenantLine | undefined;
    let earliest = now;
    for (const line of this.#hungry) {
      if (!line.isHungry(now)) this.#hungry.delete(line);
      else if (!stuck.has(line.cluster) && !stuck.has(line) && line.mayOpen(now)) {
        const due = dueAt(line, now);
        if (due <= earliest) [first, earliest] = [line, due];
      }
    }
    return first;
  }

  #serve(line: TenantLine, now: number): boolean {
    const room = this.#makeRoom(line, now);
    if (room === false) {
      if (!line.grows && now - line.dueAt > this.#quantumOf(line.cluster)) this.#starved ??= line;
      return false;
    }
    this.#options.open(line, room);
    return true;
  }

  /** @returns when there will be room; undefined: there is; false: there is none to be made */
  #makeRoom({ cluster, lease }: TenantLine, now: number): Promise<unknown> | undefined | false {
    const { connections, evict } = this.#options;
    if (lease.users === 0 && cluster.tenants >= cluster.limits.tenants) {
      const tenant = coldest(connections, cluster, now);
      return tenant !== undefined && Promise.all([...tenant.idle].map(evict));
    }
    const isFull = cluster.isFull(now);
    if (!isFull && !cluster.isTotalFull) return undefined;
    const victim = leastMissed(connections, isFull ? cluster : undefined, cluster.mayLinger, now);
    return victim !== undefined && evict(victim);
  }
}

function dueAt(line: TenantLine, now: number): number {
  const isFull = line.cluster.isTotalFull || line.cluster.isFull(now);
  return line.grows && isFull ? line.dueAt + TAKES_AFTER * line.cluster.openingMs * line.connections.size : line.dueAt;
}
