/** Upper bounds in seconds: from what a cached read takes to the default time-outs. */
export const DURATION_BUCKETS: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** How many durations were at most so long. */
export interface HistogramSnapshot {
  readonly count: number;
  /** Of all durations, in seconds. */
  readonly sum: number;
  /** Cumulative, as Prometheus has it: how many took `le` seconds at most. The last `le` is Infinity. */
  readonly buckets: ReadonlyArray<{ readonly le: number; readonly count: number }>;
}

/** Durations, counted by their order of magnitude. */
export class Histogram {
  readonly #counts = new Float64Array(DURATION_BUCKETS.length + 1);
  #sum = 0;

  observe(seconds: number): void {
    let bucket = 0;
    while (bucket < DURATION_BUCKETS.length && seconds > DURATION_BUCKETS[bucket]!) bucket++;
    this.#counts[bucket]!++;
    this.#sum += seconds;
  }

  snapshot(): HistogramSnapshot {
    let count = 0;
    const buckets = [...this.#counts].map((own, index) => ({ le: DURATION_BUCKETS[index] ?? Infinity, count: (count += own) }));
    return { count, sum: this.#sum, buckets };
  }
}
