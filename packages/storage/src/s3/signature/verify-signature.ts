import { StorageError } from "../../storage-error.ts";
import { S3_ERRORS } from "../s3-errors.ts";
import type { S3Query } from "../s3-query.ts";
import { canonicalRequests } from "./canonical-request.ts";
import type { ClientSignature } from "./client-signature.ts";
import { checkClock, checkExpiry, timeOf } from "./signed-time.ts";
import { isSameSignature, sha256, SigningKey } from "./signing-key.ts";

const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";

/** Put in by proxies on the way. */
const ADDED_ON_THE_WAY: ReadonlySet<string> = new Set(["x-amz-cf-id"]);

/** What is refused before it is known whose secret signed. @throws StorageError RequestTimeTooSkewed, AccessDenied, InvalidRequest */
export function checkClaims(signature: ClientSignature, headers: Headers): void {
  const signedAt = timeOf(signature.time);
  if (signedAt === undefined) throw new StorageError(signature.from === "header" ? S3_ERRORS.malformedAuthorization : S3_ERRORS.malformedQuerySignature);
  if (signature.from === "query") checkExpiry(signedAt, signature.expires, Date.now());
  else checkClock(signedAt, Date.now());
  if (signature.from === "header" && signature.contentSha256 === undefined) throw new StorageError(S3_ERRORS.missingContentSha256);
  const signed = new Set(signature.signedHeaders);
  // What an S3 header asks for must have been asked for by whoever signed.
  const unsigned = [...headers].map(([name]) => name).filter((name) => name.startsWith("x-amz-") && !signed.has(name) && !ADDED_ON_THE_WAY.has(name));
  if (!signed.has("host") || unsigned.length > 0) throw new StorageError(S3_ERRORS.headersNotSigned, { details: unsigned.join(", ") });
}

/** @returns what its chunks are signed with @throws StorageError SignatureDoesNotMatch */
export function verifySignature(request: Request, query: S3Query, signature: ClientSignature, secret: string): SigningKey {
  const key = new SigningKey(secret, signature);
  const candidates = canonicalRequests(request, query, signature, signature.contentSha256 ?? UNSIGNED_PAYLOAD);
  const matches = candidates.map((canonical) => isSameSignature(key.sign("AWS4-HMAC-SHA256", sha256(canonical)), signature.signature));
  if (!matches.includes(true)) throw new StorageError(S3_ERRORS.signatureDoesNotMatch);
  return key;
}
