const FIRST_DELAY_MS = 100;
const LAST_DELAY_MS = 5_000;

/** Whether connecting has failed of late, and when to try again. */
export class Outage {
  /** Failures in a row after which others are turned away rather than kept waiting for the next try. */
  readonly #tolerance: number;
  #failures = 0;
  #retryAt = 0;
  #cause: unknown;

  constructor(tolerance: number) {
    this.#tolerance = tolerance;
  }

  /** What failed last. */
  get cause(): unknown {
    return this.#cause;
  }

  get isOver(): boolean {
    return this.#failures === 0;
  }

  /** Whether there is no hope for those who come now, or is it time for one of them to try. */
  turnsAway(now: number, isTrying: boolean): boolean {
    return this.#failures >= this.#tolerance && (isTrying || now < this.#retryAt);
  }

  /** One at a time until it is over. */
  allowsTry(now: number, isTrying: boolean): boolean {
    return this.#failures === 0 || (!isTrying && now >= this.#retryAt);
  }

  /** Seconds, one at least: what `Retry-After` says. */
  retryAfter(now: number): number {
    return Math.max(1, Math.ceil((this.#retryAt - now) / 1_000));
  }

  /** Those begun before the last failure was known tell nothing new. */
  failed(now: number, cause: unknown): void {
    this.#cause = cause;
    if (this.#failures > 0 && now < this.#retryAt) return;
    this.#failures++;
    this.#retryAt = now + Math.min(LAST_DELAY_MS, FIRST_DELAY_MS * 2 ** (this.#failures - 1));
  }

  succeeded(): void {
    this.#failures = 0;
    this.#cause = undefined;
  }
}
