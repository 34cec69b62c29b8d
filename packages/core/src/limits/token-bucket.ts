/** How fast a bucket fills, and how much it holds. */
export interface Rate {
  /** Tokens a second. */
  readonly perSecond: number;
  /** Tokens at most. */
  readonly burst: number;
}

/** A token bucket: full at first, filled at an even rate, a token taken by each request. */
export class TokenBucket {
  #rate: Rate;
  #tokens: number;
  /** When `#tokens` was right, by performance.now(). */
  #at = performance.now();

  constructor(rate: Rate) {
    this.#rate = rate;
    this.#tokens = rate.burst;
  }

  get rate(): Rate {
    return this.#rate;
  }

  /** What was in it stays, as far as it now holds it. */
  change(rate: Rate): void {
    this.#fill();
    this.#rate = rate;
    this.#tokens = Math.min(this.#tokens, rate.burst);
  }

  /** @returns false where it is empty */
  take(): boolean {
    this.#fill();
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Whole tokens in it. */
  get left(): number {
    return Math.floor(this.#tokens);
  }

  /** Seconds until there are `tokens` in it. */
  secondsUntil(tokens: number): number {
    return Math.max(0, tokens - this.#tokens) / this.#rate.perSecond;
  }

  #fill(): void {
    const now = performance.now();
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + ((now - this.#at) / 1_000) * this.#rate.perSecond);
    this.#at = now;
  }
}
