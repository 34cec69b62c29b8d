import { createHash } from "node:crypto";
import { StorageError } from "../../storage-error.ts";
import { S3_ERRORS } from "../s3-errors.ts";
import { EMPTY_SHA256, isSameSignature, sha256, type SigningKey } from "../signature/signing-key.ts";
import { ByteReader } from "./byte-reader.ts";

export interface ChunkedOptions {
  /** Undefined: chunks and trailers aren't signed. */
  readonly signed?: { readonly key: SigningKey; readonly seed: string } | undefined;
  /** Names of the trailers that were announced, in small letters. Others are refused. */
  readonly announced: readonly string[];
  /** Where they go. */
  readonly trailers: Map<string, string>;
}

/** `1000;chunk-signature=…`: bytes in hexadecimal, 16 MB at most of what any client sends, and whatever else is said of the chunk. */
const HEAD = /^([0-9a-f]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/i;

/**
 * What is in a body with `Content-Encoding: aws-chunked`. A chunk's bytes come before its signature has been looked at: none
 * of them may be kept where it ends with an error.
 * @throws StorageError SignatureDoesNotMatch, IncompleteBody, also where its last chunk is missing
 */
export async function* decodeChunks(source: AsyncIterable<Uint8Array>, { signed, announced, trailers }: ChunkedOptions): AsyncGenerator<Uint8Array, void> {
  const reader = new ByteReader(source);
  let previous = signed?.seed ?? "";
  try {
    for (;;) {
      const { size, signature } = readHead(await reader.line());
      const hash = createHash("sha256");
      for await (const chunk of reader.take(size)) {
        if (signed) hash.update(chunk);
        yield chunk;
      }
      if (signed) previous = checkSignature(signature, signed.key.sign("AWS4-HMAC-SHA256-PAYLOAD", previous, EMPTY_SHA256, hash.digest("hex")));
      if (size === 0) break;
      if ((await reader.line()) !== "") throw new StorageError(S3_ERRORS.incompleteBody);
    }
    const signature = await readTrailers(reader, announced, trailers);
    if (signed && announced.length > 0) checkSignature(signature, signed.key.sign("AWS4-HMAC-SHA256-TRAILER", previous, sha256([...trailers].map(([name, value]) => `${name}:${value}\n`).join(""))));
  } finally {
    await reader.close();
  }
}

function readHead(line: string | undefined): { readonly size: number; readonly signature: string | undefined } {
  const [, size, signature] = HEAD.exec(line ?? "") ?? [];
  if (size === undefined) throw new StorageError(S3_ERRORS.incompleteBody);
  return { size: Number.parseInt(size, 16), signature };
}

function checkSignature(given: string | undefined, expected: string): string {
  if (given === undefined || !isSameSignature(given, expected)) throw new StorageError(S3_ERRORS.signatureDoesNotMatch);
  return expected;
}

/** @returns the trailers' signature, if there is one */
async function readTrailers(reader: ByteReader, announced: readonly string[], trailers: Map<string, string>): Promise<string | undefined> {
  let signature: string | undefined;
  for (let line = await reader.line(); line !== undefined && line !== ""; line = await reader.line()) {
    const [, name = "", value = ""] = /^([^:]+):(.*)$/.exec(line) ?? [];
    const lower = name.trim().toLowerCase();
    if (lower === "x-amz-trailer-signature") signature = value.trim();
    else if (announced.includes(lower)) trailers.set(lower, value.trim());
    else throw new StorageError(S3_ERRORS.incompleteBody, { details: "A trailer was not announced." });
  }
  if (announced.some((name) => !trailers.has(name))) throw new StorageError(S3_ERRORS.incompleteBody, { details: "A trailer is missing." });
  return signature;
}
