import { Ceiling } from "./ceiling.ts";
import { Outage } from "./outage.ts";

/** A failure that only one try met may have been that try's own; at the second, others are spared the wait. */
const TOLERATED_FAILURES = 2;

/** Connections counted over all clusters. */
export interface Budget {
  readonly max: number;
  held: number;
}

export interface ClusterLimits {
  readonly connections: number;
  /** Tenants with connections at most. */
  readonly tenants: number;
  /** Connections being opened at once. */
  readonly opening: number;
}

/** What has happened since the start. */
export interface Counts {
  opens: number;
  closes: number;
  evictions: number;
  failures: number;
  waits: number;
  waitedMs: number;
  timeouts: number;
}

export const noCounts = (): Counts => ({ opens: 0, closes: 0, evictions: 0, failures: 0, waits: 0, waitedMs: 0, timeouts: 0 });

/** Of a new measurement, how much it counts for. */
const LEARNS = 0.2;

/** How many of the connections may be in the hands of those that come and go, as long as others are asked for often. */
const PASSING = 0.2;

/** Milliseconds that opening a connection is taken to last before there has been one. */
const FIRST_OPENING_MS = 5;

/** A server, with what is held of it. */
export class Cluster {
  readonly name: string;
  readonly limits: ClusterLimits;
  readonly outage = new Outage(TOLERATED_FAILURES);
  readonly ceiling = new Ceiling();
  readonly counts = noCounts();
  readonly #total: Budget | undefined;
  /** Connections that the server has, those coming and going included. */
  held = 0;
  opening = 0;
  /** Of `held`, those that one borrower keeps: none of them comes back to serve others. */
  pinned = 0;
  tenants = 0;
  waiting = 0;
  #openingMs = FIRST_OPENING_MS;

  /** @param total undefined where its connections count for nobody else */
  constructor(name: string, limits: ClusterLimits, total: Budget | undefined) {
    this.name = name;
    this.limits = limits;
    this.#total = total;
  }

  /** How long opening a connection takes of late. */
  get openingMs(): number {
    return this.#openingMs;
  }

  tookToOpen(ms: number): void {
    this.#openingMs += (ms - this.#openingMs) * LEARNS;
  }

  take(): void {
    this.held++;
    if (this.#total) this.#total.held++;
  }

  giveBack(): void {
    this.held--;
    if (this.#total) this.#total.held--;
  }

  /** Whether its tenants share one server, rather than have an embedded database each. */
  get isServer(): boolean {
    return this.#total !== undefined;
  }

  /** Whether its own limit stands in the way of one more. */
  isFull(now: number): boolean {
    return this.held >= Math.min(this.limits.connections, this.ceiling.at(now));
  }

  /** Whether the limit over all clusters does. */
  get isTotalFull(): boolean {
    return this.#total !== undefined && this.#total.held >= this.#total.max;
  }

  /** Half of the connections may be kept by one borrower each; the others go round. */
  get mayPin(): boolean {
    return this.pinned < Math.floor(this.#most / 2);
  }

  /** How many connections may be resting after use at a time before a tenant that needs its own more has to give it up for the next. */
  get mayLinger(): number {
    return Math.max(1, Math.min(2 * this.limits.opening, Math.floor(this.#most * PASSING)));
  }

  get #most(): number {
    return Math.min(this.limits.connections, this.#total?.max ?? Number.POSITIVE_INFINITY);
  }

  mayOpen(now: number): boolean {
    return this.opening < this.limits.opening && this.outage.allowsTry(now, this.opening > 0) && this.ceiling.allowsTry(now);
  }

  turnsAway(now: number): boolean {
    return this.outage.turnsAway(now, this.opening > 0);
  }
}
