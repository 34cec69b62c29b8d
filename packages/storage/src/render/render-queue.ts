import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";

export interface RenderQueueOptions {
  /** How many at a time. */
  readonly concurrency: number;
  /** How many may wait. */
  readonly queueSize: number;
}

/** Some pieces of work at a time, those of several projects by turns, so that one with many does not keep the others waiting. */
export class RenderQueue {
  readonly #options: RenderQueueOptions;
  /** By project, whose turn is next first. */
  readonly #waiting = new Map<string, Set<() => void>>();
  #running = 0;
  #queued = 0;

  constructor(options: RenderQueueOptions) {
    this.#options = options;
  }

  /**
   * Runs `work` when its turn has come, and lets nobody else have its place until it is done.
   * @throws StorageError SlowDown where too many wait; the signal's reason while it waits
   */
  async run<T>(project: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    if (this.#running < this.#options.concurrency) this.#running++;
    else await this.#turn(project, signal);
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  #turn(project: string, signal: AbortSignal): Promise<void> {
    const line = this.#waiting.get(project) ?? new Set();
    const { queueSize } = this.#options;
    if (this.#queued >= queueSize || line.size >= Math.ceil(queueSize / 4)) throw new StorageError(STORAGE_ERRORS.tooManyImages, { headers: { "retry-after": "1" } });
    this.#waiting.set(project, line);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        signal.removeEventListener("abort", giveUp);
        line.delete(begin);
        this.#queued--;
        if (line.size === 0) this.#waiting.delete(project);
      };
      const begin = (): void => (leave(), resolve());
      const giveUp = (): void => (leave(), reject(signal.reason as Error));
      line.add(begin);
      this.#queued++;
      signal.addEventListener("abort", giveUp, { once: true });
    });
  }

  #next(): void {
    const [first] = this.#waiting;
    if (first === undefined) {
      this.#running--;
      return;
    }
    const [project, line] = first;
    this.#waiting.delete(project);
    this.#waiting.set(project, line);
    const [begin] = line;
    begin!();
  }
}
