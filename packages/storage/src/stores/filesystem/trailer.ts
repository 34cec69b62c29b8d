/** What stands behind an object's bytes in its file, so that neither is ever without the other. */
export interface Trailer {
  /** Quoted. */
  readonly etag: string;
  /** Bytes of the object. */
  readonly size: number;
}

/** Bytes: "plinth1 ", the ETag's hex (and "-10000" at most), the size in decimal, a line's end. */
export const TRAILER_SIZE = 64;

const MARK = "plinth1";
const FORM = new RegExp(`^${MARK} ([0-9a-f]{32}(?:-[0-9]{1,5})?) +([0-9]{16})\n$`);

export function formatTrailer({ etag, size }: Trailer): Buffer {
  return Buffer.from(`${MARK} ${etag.slice(1, -1).padEnd(38)} ${String(size).padStart(16, "0")}\n`, "latin1");
}

/** @returns undefined where that is no trailer of so many bytes: the file was cut off, or is none of ours */
export function parseTrailer(bytes: Uint8Array, size: number): Trailer | undefined {
  const [, etag, written] = FORM.exec(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1")) ?? [];
  return etag !== undefined && Number(written) === size ? { etag: `"${etag}"`, size } : undefined;
}
