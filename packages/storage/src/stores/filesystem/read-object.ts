import { Readable } from "node:stream";
import { diskError } from "./disk-error.ts";
import type { DiskFile } from "./disk-file.ts";

/** Bytes read at once: measured, see decision 0140. */
const CHUNK = 256 * 1024;

/** Bytes `start` to `end` of a file, which is closed after them. */
export function readObject(file: DiskFile, start: number, end: number): Readable {
  let position = start;
  return new Readable({
    highWaterMark: CHUNK,
    read() {
      const length = Math.min(CHUNK, end + 1 - position);
      if (length === 0) return void this.push(null);
      const buffer = Buffer.allocUnsafeSlow(length);
      file.read(buffer, 0, length, position).then(
        (bytesRead) => {
          if (bytesRead === 0) return this.destroy(diskError(new Error("The file ended before its end.")));
          position += bytesRead;
          return this.push(bytesRead === length ? buffer : buffer.subarray(0, bytesRead));
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
}
