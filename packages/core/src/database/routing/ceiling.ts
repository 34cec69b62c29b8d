const FIRST_MS = 1_000;
const LAST_MS = 30_000;
const RETRY_MS = 100;

/** How many connections a server has been found to bear, where that was fewer than it was thought to. */
export class Ceiling {
  #connections = Number.POSITIVE_INFINITY;
  #until = 0;
  #lastsMs = FIRST_MS;
  #retryAt = 0;

  /** @param now as `performance.now()` */
  at(now: number): number {
    return now < this.#until ? this.#connections : Number.POSITIVE_INFINITY;
  }

  /** A server that refused needs a moment: those that leave are counted until they are gone. */
  allowsTry(now: number): boolean {
    return now >= this.#retryAt;
  }

  /** @param held connections that it did bear */
  refused(now: number, held: number): void {
    const isSameRefusal = now < this.#retryAt;
    this.#connections = Math.max(1, isSameRefusal ? Math.min(held, this.#connections) : held);
    if (isSameRefusal) return;
    this.#lastsMs = now < this.#until + this.#lastsMs ? Math.min(LAST_MS, this.#lastsMs * 2) : FIRST_MS;
    this.#until = now + this.#lastsMs;
    this.#retryAt = now + RETRY_MS;
  }
}
