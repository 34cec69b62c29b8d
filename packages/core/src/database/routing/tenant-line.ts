import type { Cluster } from "./cluster.ts";
import { Ceiling } from "./ceiling.ts";
import type { WireClient } from "./open-client.ts";
import { Outage } from "./outage.ts";
import { RequestRate } from "./request-rate.ts";
import type { TargetLease } from "./target-lease.ts";
import { WaitingLine } from "./waiting-line.ts";

/** Hears of what is notified on a tenant's connections. */
export interface ConnectionListener {
  /** Whether it would rather have a connection prepared than none. */
  readonly wantsConnection: boolean;
  /** Has the connection listen. Never fails; what fails is found on the connection. */
  prepare(connection: Connection): Promise<void>;
  isOn(connection: Connection): boolean;
  lost(connection: Connection): void;
}

/** An open connection of a tenant. */
export class Connection {
  readonly client: WireClient;
  readonly line: TenantLine;
  readonly openedAt: number;
  lastUsedAt: number;
  /** How often it was lent. */
  uses = 0;
  state: "busy" | "idle" | "closed" = "busy";
  /** Wanted next by those who need this one and no other. */
  readonly claims: Array<(connection: Connection | undefined) => void> = [];

  constructor(client: WireClient, line: TenantLine, now: number) {
    this.client = client;
    this.line = line;
    this.openedAt = now;
    this.lastUsedAt = now;
  }
}

export interface TenantLineOptions {
  readonly cluster: Cluster;
  readonly lease: TargetLease;
  /** Connections at most. */
  readonly max: number;
  /** Its connections are handed over for good, and end with who has them. */
  readonly pins: boolean;
  readonly listener?: ConnectionListener;
}

/** A tenant's connections, and who waits for one of them. */
export class TenantLine {
  readonly cluster: Cluster;
  readonly lease: TargetLease;
  readonly pins: boolean;
  readonly listener: ConnectionListener | undefined;
  readonly #max: number;
  readonly waiting = new WaitingLine<Connection>();
  readonly connections = new Set<Connection>();
  /** The last one to come back is the first to be lent, so that those that aren't needed grow old. */
  readonly idle: Connection[] = [];
  readonly rate = new RequestRate();
  readonly outage = new Outage(1);
  readonly ceiling = new Ceiling();
  opening = 0;
  #openedAt = 0;
  #handedOverAt = 0;

  constructor({ cluster, lease, max, pins, listener }: TenantLineOptions) {
    this.cluster = cluster;
    this.lease = lease;
    this.pins = pins;
    this.listener = listener;
    this.#max = max;
  }

  /** Whether another connection would serve those who wait. One is opened at a time, and then has all of them to serve. */
  isHungry(now: number): boolean {
    return this.waiting.length > 0 && this.opening === 0 && this.connections.size < Math.min(this.#max, this.ceiling.at(now));
  }

  /** `performance.now()` since when it is this tenant's turn. */
  get dueAt(): number {
    if (!this.grows) return Math.max(this.waiting.head?.since ?? Number.POSITIVE_INFINITY, this.#handedOverAt);
    // Where others wait for long as it is, one more connection is worth what opening it costs; meanwhile those that are there serve most of them.
    return Math.max(this.waiting.since, this.#openedAt) + this.cluster.openingMs;
  }

  /** Whether it has connections already that serve those who wait. */
  get grows(): boolean {
    return !this.pins && this.connections.size > 0;
  }

  get isQuiet(): boolean {
    return this.waiting.length === 0 && this.opening === 0 && this.connections.size === this.idle.length;
  }

  mayOpen(now: number): boolean {
    if (this.pins && !this.cluster.mayPin) return false;
    return this.cluster.mayOpen(now) && this.ceiling.allowsTry(now) && this.outage.allowsTry(now, this.opening > 0);
  }

  /** Whether who comes now would wait in vain. */
  turnsAway(now: number): boolean {
    if (this.connections.size > 0) return false;
    return this.cluster.turnsAway(now) || this.outage.turnsAway(now, this.opening > 0);
  }

  opened(connection: Connection): void {
    this.#openedAt = connection.openedAt;
    this.connections.add(connection);
  }

  /** It had its share: who waits for it still waits behind those that had none. */
  handedOver(now: number): void {
    this.#handedOverAt = now;
  }

  takeIdle(): Connection | undefined {
    return this.idle.pop();
  }

  get lastUsedAt(): number {
    return this.idle.at(-1)?.lastUsedAt ?? 0;
  }

  /** The idle connection that is missed least: the one unused for longest, and of two the one that doesn't listen. */
  get spare(): Connection | undefined {
    const [first, second] = this.idle;
    return first && second && this.listener?.isOn(first) ? second : first;
  }

  /** Takes `connection` out of those that can be lent. */
  withdraw(connection: Connection): void {
    const place = this.idle.indexOf(connection);
    if (place >= 0) this.idle.splice(place, 1);
  }
}
