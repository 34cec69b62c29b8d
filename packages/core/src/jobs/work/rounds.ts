export interface RoundsOptions {
  /** @returns milliseconds until the next one is due; infinity: when asked for */
  readonly round: () => Promise<number>;
  /** Milliseconds after which one that failed is tried again. */
  readonly retryMs: number;
  /** Told of the first failure of a row of them. */
  readonly onError: (error: unknown) => void;
}

/** The longest that a timer of Node's waits. */
const MAX_DELAY = 2_147_483_647;

/** Makes rounds, one at a time, at the times that each of them names, and sooner when asked to. */
export class Rounds {
  readonly #options: RoundsOptions;
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #current: Promise<void> | undefined;
  #isFailing = false;
  #isEnded = false;

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  /** The first one, whose failure is the caller's; the others follow by themselves. */
  async first(): Promise<void> {
    const first = this.#options.round();
    this.#current = first.then(() => undefined, () => undefined);
    const delay = await first.finally(() => (this.#current = undefined));
    this.within(delay);
    this.#arm();
  }

  /** Another one in so many milliseconds, unless there is one before. */
  within(ms: number): void {
    const dueAt = performance.now() + ms;
    if (this.#isEnded || dueAt >= this.#dueAt) return;
    this.#dueAt = dueAt;
    if (this.#current === undefined) this.#arm();
  }

  /** No more of them. Resolves when the last is over. */
  async end(): Promise<void> {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    await this.#current;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#dueAt === Number.POSITIVE_INFINITY || this.#isEnded) return;
    this.#timer = setTimeout(() => this.#begin(), Math.min(MAX_DELAY, Math.max(0, this.#dueAt - performance.now())));
  }

  #begin(): void {
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#current = this.#run().finally(() => {
      this.#current = undefined;
      this.#arm();
    });
  }

  async #run(): Promise<void> {
    try {
      const delay = await this.#options.round();
      this.#isFailing = false;
      this.within(delay);
    } catch (error) {
      if (!this.#isFailing && !this.#isEnded) this.#options.onError(error);
      this.#isFailing = true;
      this.within(this.#options.retryMs);
    }
  }
}
