/** Beyond so many bytes in memory, requests store what they have before it is enough for a part. */
const ENOUGH = 64 * 1_024 * 1_024;

/** What all requests that bring bytes of uploads hold in memory together: clients may be many, and slow. */
export class BufferedBytes {
  #held = 0;

  change(bytes: number): void {
    this.#held += bytes;
  }

  get areEnough(): boolean {
    return this.#held > ENOUGH;
  }
}
