import { BackendError, STORE_ERRORS, type StoredPart } from "@plinth/core";

/** What S3 wants of each part but the last. */
export const MIN_PART_SIZE = 5 * 1024 * 1024;

export const MAX_PARTS = 10_000;

export const noUpload = (): BackendError => new BackendError(STORE_ERRORS.noUpload);

export const invalidPart = (details: string): BackendError => new BackendError(STORE_ERRORS.invalidPart, { details });

/** @throws BackendError PLINTH_STORE_INVALID_PART */
export function assertPartNumber(number: number): void {
  if (!Number.isInteger(number) || number < 1 || number > MAX_PARTS) throw invalidPart(`Parts have numbers from 1 to ${MAX_PARTS}.`);
}

/**
 * The parts that an upload is completed with, as they were put.
 *
 * @throws BackendError PLINTH_STORE_INVALID_PART
 */
export function partsToJoin(put: readonly StoredPart[], wanted: readonly Pick<StoredPart, "number" | "etag">[]): readonly StoredPart[] {
  if (wanted.length === 0) throw invalidPart("No part is named.");
  const byNumber = new Map(put.map((part) => [part.number, part]));
  return wanted.map(({ number, etag }, index) => {
    const part = byNumber.get(number);
    const isLast = index === wanted.length - 1;
    if (part === undefined || part.etag !== etag) throw invalidPart(`Part ${number} was not put with this ETag.`);
    if (number <= (wanted[index - 1]?.number ?? 0)) throw invalidPart("Parts are named in the order of their numbers.");
    if (!isLast && part.size < MIN_PART_SIZE) throw invalidPart(`Part ${number} has less than ${MIN_PART_SIZE} bytes, and isn't the last one.`);
    return part;
  });
}
