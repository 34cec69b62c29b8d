interface Timer {
  readonly at: number;
  readonly number: number;
  readonly run: () => void;
  isCleared: boolean;
  ref(): Timer;
  unref(): Timer;
}

/** Lets promises and streams do what they can do without waiting. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 2; i++) await new Promise<void>((resolve) => setImmediate(resolve));
};

/** Time that passes only when there is nothing else to do: it jumps to the next timer. */
export class VirtualClock {
  /** A heap: none is due before its parent. */
  readonly #timers: Timer[] = [];
  #now = 0;
  #count = 0;

  get now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): Timer {
    const timer: Timer = { at: this.#now + Math.max(0, ms), number: this.#count++, run, isCleared: false, ref: () => timer, unref: () => timer };
    this.#push(timer);
    return timer;
  }

  /** For everything in this process that is loaded from now on, and asks for `performance.now()` and `setTimeout`. */
  install(): void {
    performance.now = () => this.#now;
    const later = (run: (...given: unknown[]) => void, ms = 0, ...given: unknown[]) => this.after(ms, () => run(...given));
    const clear = (timer: Timer | undefined): void => {
      if (timer) timer.isCleared = true;
    };
    Object.assign(globalThis, { setTimeout: later, clearTimeout: clear });
  }

  async runUntil(isDone: () => boolean): Promise<void> {
    for (await settle(); !isDone(); await settle()) {
      const next = this.#pop();
      if (next === undefined) throw new Error("There is nothing to wait for.");
      this.#now = next.at;
      next.run();
    }
  }

  #push(timer: Timer): void {
    let place = this.#timers.push(timer) - 1;
    for (let parent = (place - 1) >> 1; place > 0 && isBefore(timer, this.#timers[parent]!); parent = (place - 1) >> 1) {
      this.#timers[place] = this.#timers[parent]!;
      place = parent;
    }
    this.#timers[place] = timer;
  }

  #pop(): Timer | undefined {
    for (;;) {
      const first = this.#timers[0];
      const last = this.#timers.pop();
      if (first === undefined || last === undefined) return undefined;
      if (this.#timers.length > 0) this.#sink(last);
      if (!first.isCleared) return first;
    }
  }

  #sink(timer: Timer): void {
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#timers.length) break;
      if (child + 1 < this.#timers.length && isBefore(this.#timers[child + 1]!, this.#timers[child]!)) child++;
      if (!isBefore(this.#timers[child]!, timer)) break;
      this.#timers[place] = this.#timers[child]!;
      place = child;
    }
    this.#timers[place] = timer;
  }
}

const isBefore = (one: Timer, other: Timer): boolean => one.at < other.at || (one.at === other.at && one.number < other.number);
