import type { ByteRange } from "@plinth/core";

/** @throws RangeError where the range isn't within so many bytes */
export function assertWithin({ start, end }: ByteRange, size: number): void {
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start || end >= size) {
    throw new RangeError(`No range of ${size} bytes: ${start} to ${end}`);
  }
}
