import { Readable } from "node:stream";
import { withReusableChunks } from "@plinth/core";
import { CHUNK_BYTES, type ChunkPool } from "./chunk-pool.ts";
import { diskError } from "./disk-error.ts";
import type { DiskFile } from "./disk-file.ts";

/** Bytes `start` to `end` of a file, which is closed after them. */
export function readObject(file: DiskFile, start: number, end: number, pool: ChunkPool): Readable {
  let position = start;
  const stream = new Readable({
    highWaterMark: CHUNK_BYTES,
    read() {
      const length = Math.min(CHUNK_BYTES, end + 1 - position);
      if (length === 0) return void this.push(null);
      const buffer = length > CHUNK_BYTES / 2 ? pool.take() : Buffer.allocUnsafeSlow(length);
      file.read(buffer, 0, length, position).then(
        (bytesRead) => {
          if (bytesRead === 0) return this.destroy(diskError(new Error("The file ended before its end.")));
          position += bytesRead;
          return this.push(bytesRead === buffer.byteLength ? buffer : buffer.subarray(0, bytesRead));
        },
        (error: unknown) => this.destroy(diskError(error)),
      );
    },
    destroy(error, done) {
      file.close().then(
        () => done(error),
        () => done(error),
      );
    },
  });
  return withReusableChunks(stream, pool.giveBack);
}
