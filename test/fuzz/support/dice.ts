import { seeded } from "../../support/seeded.ts";

/** Chance that is the same for the same seed and number. */
export class Dice {
  readonly #next: () => number;

  constructor(seed: number, number: number) {
    // Neighbouring numbers must not give neighbouring streams.
    this.#next = seeded(Math.imul(seed ^ Math.imul(number + 1, 0x9e3779b1), 0x85ebca6b) ^ number);
  }

  /** 0 to below `count`. */
  int(count: number): number {
    return Math.floor(this.#next() * count);
  }

  /** True about one time in `times`. */
  oneIn(times: number): boolean {
    return this.#next() * times < 1;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.int(from.length)] as T;
  }

  /** Few more often than many. */
  few(most: number): number {
    return Math.floor(this.#next() * this.#next() * (most + 1));
  }

  many<T>(count: number, make: () => T): T[] {
    const made: T[] = [];
    for (let i = 0; i < count; i++) made.push(make());
    return made;
  }
}
