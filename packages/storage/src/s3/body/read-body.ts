import { type BytesLimit, collectBytes, contentLength } from "@plinth/core";
import { STORAGE_ERRORS } from "../../errors.ts";
import { SMALL_BYTES } from "../../objects/upload/small-bytes.ts";
import { StorageError } from "../../storage-error.ts";
import type { S3Call } from "../s3-call.ts";
import { S3_ERRORS } from "../s3-errors.ts";
import { decodeChunks } from "./aws-chunked.ts";
import { readClaims, verifyBytes } from "./verify-bytes.ts";

/** A request's bytes, held to all that it says of them: its signature, chunks' signatures, checksums. */
export interface S3Body {
  /** Undefined where the request doesn't say. */
  readonly size: number | undefined;
  /** At once where there are few. Ends with an error where something doesn't hold. */
  readonly bytes: Uint8Array | AsyncIterable<Uint8Array>;
}

const UNSIGNED = "UNSIGNED-PAYLOAD";

interface Chunked {
  readonly isSigned: boolean;
  readonly hasTrailer: boolean;
}

const CHUNKED: ReadonlyMap<string, Chunked> = new Map([
  ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD", { isSigned: true, hasTrailer: false }],
  ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", { isSigned: true, hasTrailer: true }],
  ["STREAMING-UNSIGNED-PAYLOAD-TRAILER", { isSigned: false, hasTrailer: true }],
]);

/** @throws StorageError with S3's codes; EntityTooLarge where more is announced */
export async function readBody(s3: S3Call, maxSize: number): Promise<S3Body> {
  const { headers } = s3.call.request;
  const chunked = CHUNKED.get(payloadOf(s3));
  const size = contentLength(headers.get(chunked ? "x-amz-decoded-content-length" : "content-length"));
  if (chunked && size === undefined) throw new StorageError(S3_ERRORS.missingContentLength, { message: "You must provide the x-amz-decoded-content-length header." });
  if (size !== undefined && size > maxSize) throw new StorageError(STORAGE_ERRORS.tooLarge);
  const bytes = await verified(s3, chunked);
  return { size, bytes: size !== undefined && size <= SMALL_BYTES ? await collectBytes(bytes, atMost(size)) : bytes };
}

const payloadOf = ({ auth }: S3Call): string => auth.signature.contentSha256 ?? UNSIGNED;

async function verified(s3: S3Call, chunked: Chunked | undefined): Promise<AsyncIterable<Uint8Array>> {
  const { body, headers } = s3.call.request;
  const source = body ?? none();
  const announced = chunked?.hasTrailer === true ? trailersOf(headers) : [];
  const trailers = new Map<string, string>();
  const claims = await readClaims({ headers, sha256: chunked ? undefined : hashOf(payloadOf(s3)), announced, trailers });
  if (chunked === undefined) return verifyBytes(source, claims);
  const signed = chunked.isSigned ? { key: s3.auth.key, seed: s3.auth.signature.signature } : undefined;
  return verifyBytes(decodeChunks(source, { announced, trailers, signed }), claims);
}

/** A short body as text. @throws StorageError EntityTooLarge */
export async function readBodyText(s3: S3Call, maxSize: number): Promise<string> {
  const { bytes } = await readBody(s3, maxSize);
  return Buffer.from(bytes instanceof Uint8Array ? bytes : await collectBytes(bytes, atMost(maxSize))).toString("utf8");
}

function hashOf(payload: string): string | undefined {
  if (payload === UNSIGNED) return undefined;
  if (!/^[0-9a-f]{64}$/.test(payload)) throw new StorageError(S3_ERRORS.invalidArgument, { message: "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, one of the STREAMING-… values that SigV4 has, or a SHA-256 in hexadecimal." });
  return payload;
}

const trailersOf = (headers: Headers): string[] => (headers.get("x-amz-trailer") ?? "").split(",").map((name) => name.trim().toLowerCase()).filter((name) => name !== "");

async function* none(): AsyncGenerator<Uint8Array, void> {}

const atMost = (maxBytes: number): BytesLimit => ({ maxBytes, tooLarge: () => new StorageError(STORAGE_ERRORS.tooLarge) });
