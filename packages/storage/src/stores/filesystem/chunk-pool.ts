/** Bytes read at once: measured, see decision 0140. */
export const CHUNK_BYTES = 256 * 1024;

/** Chunks kept for the next reader. */
const MAX_SPARE = 32;

/** Memory that files are read into, used again and again where readers give it back: a third of what a download costs otherwise. */
export class ChunkPool {
  readonly #spare: Buffer[] = [];

  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
  }

  /** @param chunk one of `take`'s, or the part of it that was filled */
  readonly giveBack = ({ buffer, byteLength }: Uint8Array): void => {
    if (byteLength > 0 && buffer.byteLength === CHUNK_BYTES && this.#spare.length < MAX_SPARE) this.#spare.push(Buffer.from(buffer));
  };
}
