/** Durations of a request's stages, for the Server-Timing header (W3C Server Timing). Milliseconds. */
export class ServerTiming {
  readonly #marks: Array<readonly [name: string, milliseconds: number]> = [];
  readonly #began = performance.now();
  #last = this.#began;

  /** Ends the stage that began at the last mark (or at the request's start) and names it. */
  mark(name: string): void {
    const now = performance.now();
    this.#marks.push([name, now - this.#last]);
    this.#last = now;
  }

  /** Since the request's start. */
  elapsed(): number {
    return performance.now() - this.#began;
  }

  /** e.g. `jwt;dur=0.1, parse;dur=0.2` */
  toHeader(): string {
    return this.#marks.map(([name, ms]) => `${name};dur=${ms.toFixed(1)}`).join(", ");
  }
}
