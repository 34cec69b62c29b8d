import { RECORD_HEADER, writeHeader } from "../wire/record.ts";

const FIRST_CAPACITY = 64 * 1024;

/**
 * Collects what clients send until the end of the event loop's turn, then posts it all at once: clients that were
 * answered together usually ask again together.
 */
export class Outbox {
  readonly #post: (records: ArrayBuffer) => void;
  #buffer = Buffer.from(new ArrayBuffer(FIRST_CAPACITY));
  #length = 0;
  #scheduled: NodeJS.Immediate | undefined;

  constructor(post: (records: ArrayBuffer) => void) {
    this.#post = post;
  }

  append(client: number, head: number, parts: readonly Uint8Array[]): void {
    let length = 0;
    for (const part of parts) length += part.length;
    this.#reserve(RECORD_HEADER + length);
    writeHeader(this.#buffer, this.#length, client, head, length);
    this.#length += RECORD_HEADER;
    for (const part of parts) {
      this.#buffer.set(part, this.#length);
      this.#length += part.length;
    }
    this.#scheduled ??= setImmediate(() => this.#flush());
  }

  /** Throws away what has not been posted. */
  discard(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    this.#length = 0;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.from(new ArrayBuffer(Math.max(this.#buffer.length * 2, this.#length + bytes)));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }

  #flush(): void {
    this.#scheduled = undefined;
    this.#post((this.#buffer.buffer as ArrayBuffer).slice(0, this.#length));
    this.#length = 0;
    if (this.#buffer.length > FIRST_CAPACITY) this.#buffer = Buffer.from(new ArrayBuffer(FIRST_CAPACITY));
  }
}
