import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { BackendError } from "../../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../../errors/errors.ts";
import { PIECE_BYTES } from "../files/in-pieces.ts";
import { type Frame, FrameDigest, frameHeaderSchema, type FrameKind, HEADER_BYTES, sha256 } from "./frame.ts";

const MEGABYTE = 1024 * 1024;

/** As a member of ours unpacks to: smaller ones take as many turns more. */
const CHUNK_BYTES = 256 * 1024;

/** Bytes that a frame may have. What is not in pieces is read whole. */
const LONGEST: Readonly<Record<FrameKind, number>> = {
  manifest: MEGABYTE,
  schema: 256 * MEGABYTE,
  tables: 64 * MEGABYTE,
  rows: PIECE_BYTES,
  sequences: 64 * MEGABYTE,
  file: MEGABYTE,
  bytes: PIECE_BYTES,
  files: MEGABYTE,
  keys: 16 * MEGABYTE,
  end: MEGABYTE,
};

export const exportInvalid = (message: string, cause?: unknown): BackendError => new BackendError(CORE_ERRORS.exportInvalid, { message, cause });

/**
 * Frames as they come, each checked before it is given. One is in memory at a time, whatever the file says of itself.
 *
 * @throws from the iteration: BackendError PLINTH_EXPORT_INVALID; what `source` throws, as it is
 */
export class FrameReader implements AsyncIterable<Frame> {
  /** Of the frames that were given. */
  readonly digest = new FrameDigest();
  readonly #source: AsyncIterable<Uint8Array>;
  #pending: Buffer[] = [];
  #length = 0;
  #sourceFailure: { readonly error: unknown } | undefined;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Frame> {
    const chunks = this.#chunks()[Symbol.asyncIterator]();
    try {
      for (;;) {
        const line = await this.#line(chunks);
        if (line === undefined) return;
        const header = readHeader(line);
        if (header.part !== this.digest.count) throw exportInvalid("The export has been changed: parts of it are missing, or were put in.");
        const body = (await this.#take(chunks, header.size + 1)).subarray(0, header.size);
        if (sha256(body) !== header.sha256) throw exportInvalid(`The export has been changed: its part "${header.kind}" is not what it was.`);
        yield { header, body };
        this.digest.add(header);
      }
    } catch (error) {
      if (this.#sourceFailure) throw this.#sourceFailure.error;
      throw error instanceof BackendError ? error : exportInvalid("The export can't be read: it has been cut off or changed.", error);
    } finally {
      await chunks.return(undefined);
    }
  }

  async *#chunks(): AsyncGenerator<Buffer> {
    const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
    // Its failure is met where its output is read.
    pipeline(Readable.from(this.#watched(this.#source)), gunzip, () => undefined);
    yield* gunzip as AsyncIterable<Buffer>;
  }

  async *#watched(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* source;
    } catch (error) {
      this.#sourceFailure = { error };
      throw error;
    }
  }

  /** @returns undefined at the end */
  async #line(chunks: AsyncIterator<Buffer>): Promise<string | undefined> {
    for (;;) {
      const joined = this.#join();
      const end = joined.subarray(0, HEADER_BYTES).indexOf("\n");
      if (end >= 0) {
        this.#pending = [joined.subarray(end + 1)];
        this.#length = joined.length - end - 1;
        return joined.toString("utf8", 0, end);
      }
      if (joined.length >= HEADER_BYTES) throw exportInvalid("This is not an export of a project.");
      if (await this.#more(chunks)) continue;
      if (joined.length === 0) return undefined;
      throw exportInvalid("The export has been cut off.");
    }
  }

  async #take(chunks: AsyncIterator<Buffer>, bytes: number): Promise<Buffer> {
    while (this.#length < bytes) {
      if (!(await this.#more(chunks))) throw exportInvalid("The export has been cut off.");
    }
    const joined = this.#join();
    this.#pending = [joined.subarray(bytes)];
    this.#length = joined.length - bytes;
    return joined.subarray(0, bytes);
  }

  async #more(chunks: AsyncIterator<Buffer>): Promise<boolean> {
    const { done, value } = await chunks.next();
    if (done) return false;
    this.#pending.push(value);
    this.#length += value.length;
    return true;
  }

  #join(): Buffer {
    const joined = this.#pending.length === 1 ? (this.#pending[0] as Buffer) : Buffer.concat(this.#pending, this.#length);
    this.#pending = [joined];
    return joined;
  }
}

function readHeader(line: string): Frame["header"] {
  const header = frameHeaderSchema.safeParse(parseJson(line));
  if (!header.success) throw exportInvalid("This is not an export of a project.", header.error);
  if (header.data.size > LONGEST[header.data.kind]) throw exportInvalid(`The export's part "${header.data.kind}" says that it has ${header.data.size} bytes, which is more than it can have.`);
  return header.data;
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
