import { StorageError } from "../../storage-error.ts";
import { S3_ERRORS } from "../s3-errors.ts";

const NEWLINE = 10;
const LONGEST_LINE = 8_192;

/** Reads lines and counted bytes off a body, without keeping more of it than a chunk. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Without its end, CR LF or LF; undefined where the body has ended. @throws StorageError IncompleteBody where it is too long */
  async line(): Promise<string | undefined> {
    let line = Buffer.alloc(0);
    for (;;) {
      const end = this.#rest.indexOf(NEWLINE);
      const part = end < 0 ? this.#rest : this.#rest.subarray(0, end);
      line = Buffer.concat([line, part]);
      if (line.length > LONGEST_LINE) throw new StorageError(S3_ERRORS.incompleteBody);
      if (end >= 0) {
        this.#rest = this.#rest.subarray(end + 1);
        return line.toString("latin1").replace(/\r$/, "");
      }
      this.#rest = new Uint8Array(0);
      if (!(await this.#more())) return line.length === 0 ? undefined : line.toString("latin1");
    }
  }

  /** @throws StorageError IncompleteBody where there are fewer */
  async *take(bytes: number): AsyncGenerator<Uint8Array, void> {
    let left = bytes;
    while (left > 0) {
      if (this.#rest.length === 0 && !(await this.#more())) throw new StorageError(S3_ERRORS.incompleteBody);
      const chunk = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(chunk.length);
      left -= chunk.length;
      if (chunk.length > 0) yield chunk;
    }
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#source.next();
    if (done === true) return false;
    this.#rest = value;
    return true;
  }
}
