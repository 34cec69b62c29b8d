/** What S3 wants of each part but the last, in bytes. */
const MIN_PART_SIZE = 5 * 1_024 * 1_024;

/** Fewer than S3 takes, so that there is room. */
const MAX_PARTS = 9_000;

/** Bytes of each part but the last, so that there are not too many. @param length the upload's, or what it may be at most */
export const partSizeFor = (length: number): number => Math.max(MIN_PART_SIZE, Math.ceil(length / MAX_PARTS));
