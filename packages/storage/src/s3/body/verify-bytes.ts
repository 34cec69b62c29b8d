import { StorageError } from "../../storage-error.ts";
import type { StorageErrorDefinition } from "../../errors.ts";
import { S3_ERRORS } from "../s3-errors.ts";
import { CHECKSUM_HEADERS, type RunningChecksum, startChecksum, startMd5, startSha256 } from "./checksums.ts";

/** Something that a request says of its bytes. */
interface Claim {
  readonly running: RunningChecksum;
  /** Known once the bytes have come: it may stand in a trailer. */
  expected(): string;
  readonly form: "base64" | "hex";
  readonly otherwise: StorageErrorDefinition;
}

export interface ClaimOptions {
  readonly headers: Headers;
  /** In hexadecimal, of the bytes as they are sent. */
  readonly sha256: string | undefined;
  /** Names of trailers. */
  readonly announced: readonly string[];
  readonly trailers: ReadonlyMap<string, string>;
}

/** @throws StorageError InvalidDigest */
export async function readClaims({ headers, sha256, announced, trailers }: ClaimOptions): Promise<Claim[]> {
  const md5 = headers.get("content-md5");
  if (md5 !== null && Buffer.from(md5, "base64").length !== 16) throw new StorageError(S3_ERRORS.invalidDigest);
  const claims: Claim[] = [];
  if (sha256 !== undefined) claims.push({ running: await startSha256(), expected: () => sha256, form: "hex", otherwise: S3_ERRORS.contentSha256Mismatch });
  if (md5 !== null) claims.push({ running: await startMd5(), expected: () => md5, form: "base64", otherwise: S3_ERRORS.badDigest });
  for (const name of CHECKSUM_HEADERS) {
    const given = headers.get(name);
    if (given === null && !announced.includes(name)) continue;
    claims.push({ running: await startChecksum(name), expected: () => given ?? trailers.get(name) ?? "", form: "base64", otherwise: S3_ERRORS.badDigest });
  }
  return claims;
}

/** The bytes as they are; ends with an error where one of the claims is wrong. @throws StorageError XAmzContentSHA256Mismatch, BadDigest */
export async function* verifyBytes(source: AsyncIterable<Uint8Array>, claims: readonly Claim[]): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of source) {
    for (const { running } of claims) running.update(chunk);
    yield chunk;
  }
  for (const { running, expected, form, otherwise } of claims) {
    if (Buffer.from(running.digest()).toString(form) !== expected().trim()) throw new StorageError(otherwise);
  }
}
