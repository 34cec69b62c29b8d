import { availableParallelism } from "node:os";

/** Lets only so many hashes be made at once; the others wait in the order in which they came. */
class HashingTurns {
  #working = 0;
  readonly #waiting: Array<() => void> = [];

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#working < limit()) this.#working++;
    else await new Promise<void>((begin) => this.#waiting.push(begin));
    try {
      return await work();
    } finally {
      // Whoever is next takes this one's place.
      const next = this.#waiting.shift();
      if (next === undefined) this.#working--;
      else next();
    }
  }
}

/** One core is left to the event loop, and one of libuv's four threads to files and names. */
const limit = (): number => Math.max(1, Math.min(3, availableParallelism() - 1));

const turns = new HashingTurns();

/** Runs work that takes a core for some 50 ms. Cores and libuv's threads are the process's: all backends in it share them. */
export const inHashingTurn = <T>(work: () => Promise<T>): Promise<T> => turns.run(work);
