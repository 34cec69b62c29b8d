/** How many bytes may come, and what is thrown as soon as there are more. */
export interface BytesLimit {
  readonly maxBytes: number;
  readonly tooLarge: () => Error;
}

/** All that a source gives, in one piece. @throws what the source or the limit throws */
export async function collectBytes(source: AsyncIterable<Uint8Array>, limit?: BytesLimit): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.byteLength;
    if (limit !== undefined && size > limit.maxBytes) throw limit.tooLarge();
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}
