import { Readable } from "node:stream";
import { destroyOnAbort } from "./destroy-on-abort.ts";

const CHUNK = 64 * 1024;

/** Bytes that are in memory already, in chunks as a disk gives them. */
export function bytesStream(bytes: Buffer, signal: AbortSignal | undefined): Readable {
  let position = 0;
  const stream = new Readable({
    highWaterMark: CHUNK,
    read() {
      const chunk = bytes.subarray(position, position + CHUNK);
      position += chunk.length;
      this.push(chunk.length === 0 ? null : chunk);
      if (position === bytes.length && chunk.length > 0) this.push(null);
    },
  });
  return destroyOnAbort(stream, signal);
}
