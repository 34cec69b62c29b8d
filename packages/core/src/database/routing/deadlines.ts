interface Deadline {
  readonly at: number;
  readonly expire: () => void;
}

/** Time-outs of one and the same length, of which hardly any is ever reached: one timer for all. */
export class Deadlines {
  readonly #lengthMs: number;
  /** The first to come is the first to expire. */
  readonly #pending = new Set<Deadline>();
  #timer: NodeJS.Timeout | undefined;

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  /** @returns takes it back */
  add(now: number, expire: () => void): () => void {
    const deadline = { at: now + this.#lengthMs, expire };
    this.#pending.add(deadline);
    this.#timer ??= setTimeout(() => this.#expire(), this.#lengthMs);
    return () => {
      if (this.#pending.delete(deadline) && this.#pending.size === 0) this.#stop();
    };
  }

  #expire(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const deadline of this.#pending) {
      if (deadline.at > now) {
        this.#timer ??= setTimeout(() => this.#expire(), Math.ceil(deadline.at - now));
        return;
      }
      this.#pending.delete(deadline);
      deadline.expire();
    }
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
