/** Counts what is under way, so that closing can wait for it. */
export class UnderWay {
  #count = 0;
  #closed = false;
  #onLast: (() => void) | undefined;

  /** @returns false where it is closed; else `leave` is to be called once */
  enter(): boolean {
    if (!this.#closed) this.#count++;
    return !this.#closed;
  }

  leave(): void {
    if (--this.#count === 0) this.#onLast?.();
  }

  /** Lets nobody in any more, and resolves when all have left. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#count > 0) await new Promise<void>((resolve) => (this.#onLast = resolve));
  }
}
