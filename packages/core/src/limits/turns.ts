/** How many may be at work at once, and how many may wait for it. */
export interface TurnLimits {
  readonly concurrent: number;
  readonly waiting: number;
  readonly waitTimeoutMs: number;
}

interface Waiter {
  /** Its turn has come. */
  begin(): void;
}

/** Lets a bounded number of requests work at once, the others in the order in which they came. */
export class Turns {
  #limits: TurnLimits;
  #working = 0;
  readonly #waiters = new Set<Waiter>();

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  change(limits: TurnLimits): void {
    this.#limits = limits;
    this.#next();
  }

  /**
   * True: the turn has come, and `leave` is to be called once. False: too many wait already. A promise of the one or
   * the other where the request has to wait.
   *
   * @param signal the client's going away; asked for only where the request has to wait
   */
  enter(signal: () => AbortSignal): boolean | Promise<boolean> {
    if (this.#working < this.#limits.concurrent) {
      this.#working++;
      return true;
    }
    return this.#waiters.size < this.#limits.waiting && this.#wait(signal());
  }

  leave(): void {
    this.#working--;
    this.#next();
  }

  #next(): void {
    for (const waiter of this.#waiters) {
      if (this.#working >= this.#limits.concurrent) return;
      this.#waiters.delete(waiter);
      this.#working++;
      waiter.begin();
    }
  }

  #wait(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (begun: boolean): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", giveUp);
        resolve(begun);
      };
      const waiter: Waiter = { begin: () => end(true) };
      const giveUp = (): void => {
        if (this.#waiters.delete(waiter)) end(false);
      };
      const timer = setTimeout(giveUp, this.#limits.waitTimeoutMs);
      this.#waiters.add(waiter);
      if (signal.aborted) giveUp();
      else signal.addEventListener("abort", giveUp, { once: true });
    });
  }
}
