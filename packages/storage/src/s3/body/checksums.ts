import { createHash } from "node:crypto";

/** Over bytes as they come. */
export interface RunningChecksum {
  update(bytes: Uint8Array): void;
  digest(): Uint8Array;
}

const hash = (algorithm: string) => async (): Promise<RunningChecksum> => {
  const running = createHash(algorithm);
  return { update: (bytes) => void running.update(bytes), digest: () => running.digest() };
};

/** Polynomials are reflected: Castagnoli's, and the one of NVM Express. */
const crc = (bits: 32 | 64, polynomial: string) => async (): Promise<RunningChecksum> => {
  const { createCRC32, createCRC64 } = await import("hash-wasm");
  const running = bits === 32 ? await createCRC32(Number.parseInt(polynomial, 16)) : await createCRC64(polynomial);
  running.init();
  return { update: (bytes) => void running.update(bytes), digest: () => running.digest("binary") };
};

const ALGORITHMS: Readonly<Record<string, () => Promise<RunningChecksum>>> = {
  crc32: crc(32, "edb88320"),
  crc32c: crc(32, "82f63b78"),
  crc64nvme: crc(64, "9a6c9329ac4bc9b5"),
  sha1: hash("sha1"),
  sha256: hash("sha256"),
};

const PREFIX = "x-amz-checksum-";

/** The headers of checksums that can be computed. */
export const CHECKSUM_HEADERS: readonly string[] = Object.keys(ALGORITHMS).map((name) => PREFIX + name);

/** @param header one of `CHECKSUM_HEADERS` */
export const startChecksum = (header: string): Promise<RunningChecksum> => ALGORITHMS[header.slice(PREFIX.length)]!();

export const startMd5: () => Promise<RunningChecksum> = hash("md5");
export const startSha256: () => Promise<RunningChecksum> = hash("sha256");
