import { createHash } from "node:crypto";
import { noUpload } from "../upload-parts.ts";
import { isRefusal, unavailable } from "./s3-error.ts";
import type { Request, S3Bucket } from "./s3-bucket.ts";

/** Where bytes are sent: an object of its own, or a part of an upload. */
export interface Destination {
  readonly key: string;
  readonly part?: { readonly uploadId: string; readonly number: number } | undefined;
}

interface Answer {
  readonly ETag?: string | undefined;
  readonly ServerSideEncryption?: string | undefined;
}

/**
 * Bytes in one request, which the SDK repeats where the server is at fault. The server checks them by Content-MD5, and
 * answers with the same MD5: one that doesn't has stored something else.
 *
 * @returns their ETag, quoted
 * @throws BackendError PLINTH_STORE_UNAVAILABLE where it is a wrong one, and as `S3Bucket.send`
 */
export async function putBytes(bucket: S3Bucket, { key, part }: Destination, bytes: Buffer, signal?: AbortSignal): Promise<string> {
  const digest = createHash("md5").update(bytes).digest();
  const input = { ...bucket.at(key), Body: bytes, ContentLength: bytes.length, ContentMD5: digest.toString("base64") };
  const put: Request<Answer> = (client, sdk, abort) =>
    part === undefined
      ? client.send(new sdk.PutObjectCommand(input), abort)
      : client.send(new sdk.UploadPartCommand({ ...input, UploadId: part.uploadId, PartNumber: part.number }), abort);
  const answer = await bucket.send(put, signal).catch((error: unknown) => uploadKnown(bucket, { key, part }, error));
  return checkedEtag(answer, `"${digest.toString("hex")}"`);
}

/** Servers have several words for an upload that they don't know: one that was refused is asked for. */
async function uploadKnown(bucket: S3Bucket, { key, part }: Destination, refusal: unknown): Promise<never> {
  if (part === undefined || !isRefusal(refusal)) throw refusal;
  const input = { ...bucket.at(key), UploadId: part.uploadId, MaxParts: 1 };
  const known = await bucket.sendIfPresent((client, sdk) => client.send(new sdk.ListPartsCommand(input)));
  throw known === undefined ? noUpload() : refusal;
}

/** Ceph leaves the quotes out in some answers, and in others the ETag. */
export function quoted(etag: string | undefined): string | undefined {
  if (etag === undefined || etag === "" || etag === "\"\"") return undefined;
  return etag.startsWith("\"") ? etag : `"${etag}"`;
}

/** With keys of AWS's key management (SSE-KMS) an ETag is no MD5 (AWS: API_Object); what was sent was checked all the same. */
export function checkedEtag({ ETag: named, ServerSideEncryption: encryption }: Answer, expected: string): string {
  const etag = quoted(named);
  if (etag === undefined) throw unavailable("The server named no ETag.");
  if (encryption?.startsWith("aws:kms") === true) return etag;
  if (etag !== expected) throw unavailable(`The server answered with ETag ${etag} for bytes of ${expected}.`);
  return etag;
}
