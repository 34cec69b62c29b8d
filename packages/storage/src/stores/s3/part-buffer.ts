/** Chunks of a body until there are enough for a part. */
export class PartBuffer {
  readonly #partSize: number;
  #chunks: Uint8Array[] = [];
  #size = 0;

  constructor(partSize: number) {
    this.#partSize = partSize;
  }

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#size += chunk.byteLength;
  }

  /** Whether there is a part, and something after it: the last one is whatever remains, and never empty unless all is. */
  get isFull(): boolean {
    return this.#size > this.#partSize;
  }

  /** A part of exactly that many bytes, as R2 wants all but the last; what is left at the end. */
  take(): Buffer {
    const all = this.#chunks.length === 1 && this.#chunks[0] !== undefined ? asBuffer(this.#chunks[0]) : Buffer.concat(this.#chunks);
    const part = all.subarray(0, this.#partSize);
    const rest = all.subarray(part.length);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#size = rest.length;
    return part;
  }
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
