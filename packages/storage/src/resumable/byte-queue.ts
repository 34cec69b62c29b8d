/** Chunks in the order in which they came, to be taken by number of bytes. */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  #size = 0;

  /** Bytes. */
  get size(): number {
    return this.#size;
  }

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#size += chunk.byteLength;
  }

  /** The first so many bytes. */
  take(size: number): Uint8Array[] {
    const taken: Uint8Array[] = [];
    let missing = size;
    while (missing > 0) {
      const chunk = this.#chunks.shift();
      if (chunk === undefined) throw new RangeError("There are fewer bytes than are to be taken.");
      taken.push(chunk.subarray(0, missing));
      if (chunk.byteLength > missing) this.#chunks.unshift(chunk.subarray(missing));
      missing -= Math.min(missing, chunk.byteLength);
    }
    this.#size -= size;
    return taken;
  }
}
