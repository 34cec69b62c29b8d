/** Milliseconds after which a request counts for 1/e of a new one. Long enough to tell once a second from twice. */
export const MEMORY_MS = 20_000;

/** How often something is asked for of late: the older, the less it counts. */
export class RequestRate {
  #count = 0;
  #at = 0;

  /** @param now as `performance.now()` */
  add(now: number): void {
    this.#count = this.#decayed(now) + 1;
    this.#at = now;
  }

  /** Requests a second. */
  perSecond(now: number): number {
    return (this.#decayed(now) * 1_000) / MEMORY_MS;
  }

  #decayed(now: number): number {
    return this.#count * Math.exp((this.#at - now) / MEMORY_MS);
  }
}
