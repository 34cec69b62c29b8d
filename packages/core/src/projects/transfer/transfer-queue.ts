/** Each holds one of the few connections on which projects are locked, for as long as it takes. */
const AT_ONCE = 2;

/** Lets so many of the works run at a time, in the order in which they came. */
export class TransferQueue {
  #running = 0;
  readonly #waiting: Array<() => void> = [];

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
