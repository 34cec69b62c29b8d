import type { VirtualClock } from "./virtual-clock.ts";

interface Job {
  leftMs: number;
  readonly done: () => void;
}

/** What a job may have of a processor before another one has its turn. */
const SLICE_MS = 1;

/** Processors under a scheduler that lets short jobs go first, and long ones take turns: about what Linux does. */
export class Processors {
  readonly #clock: VirtualClock;
  readonly #short: Job[] = [];
  readonly #long: Job[] = [];
  #idle: number;

  constructor(clock: VirtualClock, count: number) {
    this.#clock = clock;
    this.#idle = count;
  }

  run(ms: number, done: () => void): void {
    (ms <= SLICE_MS ? this.#short : this.#long).push({ leftMs: ms, done });
    this.#dispatch();
  }

  #dispatch(): void {
    while (this.#idle > 0) {
      const job = this.#short.shift() ?? this.#long.shift();
      if (job === undefined) return;
      this.#idle--;
      const slice = Math.min(SLICE_MS, job.leftMs);
      this.#clock.after(slice, () => this.#afterSlice(job, slice));
    }
  }

  #afterSlice(job: Job, slice: number): void {
    this.#idle++;
    job.leftMs -= slice;
    if (job.leftMs > 1e-9) this.#long.push(job);
    else job.done();
    this.#dispatch();
  }
}
