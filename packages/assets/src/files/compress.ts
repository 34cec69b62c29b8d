import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Encoding } from "../delivery/encoding.ts";

const brotli = promisify(brotliCompress);
const gz = promisify(gzip);

/** What is smaller fits into one packet anyway. */
const MIN_BYTES = 512;
/** What is larger takes longer than an upload should. */
const MAX_BYTES = 8 * 1_048_576;
/** Brotli's best is slow: half a megabyte in a second. */
const MAX_BEST_BYTES = 128 * 1_024;
/** A variant that saves less isn't worth a place of its own. */
const WORTH = 0.9;

/** The compressed forms of a file's bytes that are worth it. */
export async function compress(bytes: Uint8Array): Promise<ReadonlyMap<Encoding, Uint8Array>> {
  if (bytes.byteLength < MIN_BYTES || bytes.byteLength > MAX_BYTES) return new Map();
  const quality = bytes.byteLength <= MAX_BEST_BYTES ? 11 : 8;
  const forms: [Encoding, Uint8Array][] = [
    ["br", await brotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength } })],
    ["gzip", await gz(bytes, { level: 9 })],
  ];
  return new Map(forms.filter(([, form]) => form.byteLength < bytes.byteLength * WORTH));
}
