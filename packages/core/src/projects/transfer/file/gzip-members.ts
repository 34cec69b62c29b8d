import { promisify } from "node:util";
import { constants, deflateRawSync, gzip } from "node:zlib";

/** How much goes into one member, in bytes. */
const MEMBER_BYTES = 256 * 1024;
/** How much of it is tried, in bytes. */
const SAMPLE_BYTES = 8 * 1024;

/** Measured with rows of text: 6 takes three times as long as 1, and makes a tenth less of it. */
const LEVEL = constants.Z_BEST_SPEED;

/** Room for all of a member at once: each time that there is none takes a turn of its own. */
const CHUNK_BYTES = MEMBER_BYTES + 1_024;

const compress = promisify<Buffer, { readonly level: number; readonly chunkSize: number }, Buffer>(gzip);

/**
 * A gzip (RFC 1952) of several members, each compressed or stored as it is: images and films get no smaller, and trying costs
 * most of the time that an export takes.
 */
export async function* gzipMembers(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pending: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    pending.push(chunk);
    length += chunk.length;
    if (length < MEMBER_BYTES) continue;
    const joined = pending.length === 1 ? chunk : Buffer.concat(pending, length);
    let start = 0;
    for (; length - start >= MEMBER_BYTES; start += MEMBER_BYTES) yield await toMember(joined.subarray(start, start + MEMBER_BYTES));
    pending = [joined.subarray(start)];
    length -= start;
  }
  yield await toMember(Buffer.concat(pending, length));
}

const toMember = (bytes: Buffer): Promise<Buffer> => compress(bytes, { level: isCompressible(bytes) ? LEVEL : constants.Z_NO_COMPRESSION, chunkSize: CHUNK_BYTES });

/** By what is in the middle: a frame begins with a line of text. */
function isCompressible(bytes: Buffer): boolean {
  const start = Math.max(0, Math.floor((bytes.length - SAMPLE_BYTES) / 2));
  const sample = bytes.subarray(start, start + SAMPLE_BYTES);
  return deflateRawSync(sample, { level: LEVEL }).length < sample.length * 0.9;
}
