import { BackendError, type PutOptions, STORE_ERRORS } from "@plinth/core";

export type Body = AsyncIterable<Uint8Array> | Uint8Array;

/** Takes a chunk; a promise where the body has to wait until there is room for the next one. */
export type TakeChunk = (chunk: Uint8Array) => Promise<void> | undefined;

/**
 * Reads a body to its end, holds it to the sizes that were announced, and closes it when anything fails.
 *
 * @returns how many bytes there were
 * @throws BackendError PLINTH_STORE_TOO_LARGE, PLINTH_STORE_WRONG_SIZE; the signal's reason; what the body or `take` throws
 */
export async function readBody(body: Body, options: PutOptions, take: TakeChunk): Promise<number> {
  const { size = -1, maxSize = Infinity, signal } = options;
  const allowed = size < 0 ? Infinity : size;
  const fits = (total: number): void => {
    if (total > maxSize) throw new BackendError(STORE_ERRORS.tooLarge, { details: `${maxSize} bytes may be kept.` });
    if (total > allowed) throw wrongSize(size, total);
  };
  const chunks = body instanceof Uint8Array ? once(body) : body[Symbol.asyncIterator]();
  const interruption = new Interruption(signal);
  try {
    signal?.throwIfAborted();
    fits(Math.max(0, size));
    const total = await readChunks(chunks, interruption, fits, take);
    if (size >= 0 && total !== size) throw wrongSize(size, total);
    return total;
  } catch (error) {
    close(body, chunks);
    throw error;
  } finally {
    interruption.end();
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, undefined> {
  yield bytes;
}

async function readChunks(chunks: AsyncIterator<Uint8Array>, interruption: Interruption, fits: (total: number) => void, take: TakeChunk): Promise<number> {
  let total = 0;
  for (;;) {
    const { done, value } = await interruption.race(chunks.next());
    if (done === true) return total;
    total += value.byteLength;
    fits(total);
    if (value.byteLength === 0) continue;
    const room = take(value);
    if (room !== undefined) await interruption.race(room);
  }
}

const wrongSize = (size: number, total: number): BackendError =>
  new BackendError(STORE_ERRORS.wrongSize, { details: total > size ? `${size} bytes were announced, and more came.` : `${size} bytes were announced, and ${total} came.` });

/** Not waited for: a body that hangs would hang here too. */
function close(body: Body, chunks: AsyncIterator<Uint8Array> | undefined): void {
  if ("destroy" in body && typeof body.destroy === "function") body.destroy();
  chunks?.return?.()?.catch(() => {});
}

/** One listener for as long as a body is read, where racing each chunk with a promise of the signal's would keep them all. */
class Interruption {
  readonly #signal: AbortSignal | undefined;
  #reject: ((reason: unknown) => void) | undefined;
  readonly #abort = (): void => this.#reject?.(this.#signal?.reason);

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
    signal?.addEventListener("abort", this.#abort, { once: true });
  }

  race<T>(work: Promise<T>): Promise<T> {
    if (this.#signal === undefined) return work;
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      work.then(resolve, reject);
      if (this.#signal?.aborted === true) this.#abort();
    });
  }

  end(): void {
    this.#signal?.removeEventListener("abort", this.#abort);
  }
}
