/** How long a piece of rows or of a file is at most, in bytes. */
export const PIECE_BYTES = 1024 * 1024;

/** Chunks joined up to `PIECE_BYTES`, and cut there. */
export async function* inPieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let pending: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    pending.push(chunk);
    length += chunk.byteLength;
    if (length < PIECE_BYTES) continue;
    const joined = Buffer.concat(pending, length);
    let start = 0;
    for (; length - start >= PIECE_BYTES; start += PIECE_BYTES) yield joined.subarray(start, start + PIECE_BYTES);
    pending = [joined.subarray(start)];
    length -= start;
  }
  if (length > 0) yield Buffer.concat(pending, length);
}
