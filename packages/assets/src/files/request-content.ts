import { BackendError, contentLength, CORE_ERRORS } from "@plinth/core";

/**
 * A request's body as it comes.
 * @throws BackendError PLINTH_BODY_TRUNCATED where it broke off, or is shorter than its Content-Length
 */
export async function* requestContent(request: Request): AsyncGenerator<Uint8Array, void> {
  const announced = contentLength(request.headers.get("content-length"));
  let size = 0;
  if (request.body !== null) {
    const reader = request.body.getReader();
    try {
      for (let next = await readChunk(reader); !next.done; next = await readChunk(reader)) {
        size += next.value.byteLength;
        yield next.value;
      }
    } finally {
      reader.cancel().catch(() => undefined);
    }
  }
  if (announced !== undefined && size < announced) throw new BackendError(CORE_ERRORS.bodyTruncated);
}

async function readChunk(reader: ReadableStreamDefaultReader<Uint8Array>): ReturnType<ReadableStreamDefaultReader<Uint8Array>["read"]> {
  try {
    return await reader.read();
  } catch (cause) {
    throw new BackendError(CORE_ERRORS.bodyTruncated, { cause });
  }
}
