import { BackendError, STORE_ERRORS, type StoredObject, type StoredPart } from "@plinth/core";
import { STORAGE_ERRORS } from "../../errors.ts";
import { metadataOf } from "../../objects/stored-object-row.ts";
import { writeObject } from "../../objects/write-object.ts";
import { StorageError } from "../../storage-error.ts";
import { MIN_PART_SIZE } from "../../stores/upload-parts.ts";
import { readBodyText } from "../body/read-body.ts";
import { mayReplace } from "../objects/put-object.ts";
import { xml } from "../respond.ts";
import type { S3Call } from "../s3-call.ts";
import { S3_ERRORS } from "../s3-errors.ts";
import type { S3Operation } from "../s3-operation.ts";
import { children, readXml, textOf } from "../xml/read-xml.ts";
import { findUpload, forgetUpload, type MultipartUpload, sizeOf, toObject } from "./multipart-upload.ts";

/** Of 10,000 parts with a checksum of each kind. */
const MOST_BYTES = 8_388_608;

type Wanted = Pick<StoredPart, "number" | "etag">;

export const completeMultipartUpload: S3Operation = {
  id: "storage.s3.upload.complete_multipart",
  method: "POST",
  level: "object",
  query: ["uploadId"],
  handle: async (s3) => {
    const { call } = s3;
    const upsert = mayReplace(s3);
    const parts = await readParts(await readBodyText(s3, MOST_BYTES));
    const upload = await findUpload(s3, upsert);
    const stored = await finish(s3, upload, parts, upsert);
    await call.query("service", [forgetUpload(upload.id)], { unstoppable: true });
    return xml("CompleteMultipartUploadResult", { Location: `${upload.bucket}/${upload.name}`, Bucket: upload.bucket, Key: s3.key, ETag: stored.etag });
  },
};

/** The store first, then the object's row. Whatever fails in between, the same request can be sent again. */
async function finish({ call }: S3Call, upload: MultipartUpload, wanted: readonly Wanted[], upsert: boolean): Promise<StoredObject> {
  const { underWay } = call.storage.trash;
  underWay.add(upload.version);
  try {
    const stored = await join(call.storage, upload, wanted);
    await writeObject(call, toObject({ call }, upload, upsert), upload.version, metadataOf(stored, upload), "checked");
    return stored;
  } finally {
    underWay.delete(upload.version);
  }
}

async function join({ store, keyOf }: S3Call["call"]["storage"], upload: MultipartUpload, wanted: readonly Wanted[]): Promise<StoredObject> {
  const key = keyOf(upload.version);
  checkParts(upload, wanted);
  try {
    return await store.completeUpload(key, upload.id, wanted);
  } catch (error) {
    if (!(error instanceof BackendError) || error.code !== STORE_ERRORS.noUpload.code) throw error;
    // It was joined before, by a request that got no further.
    const joined = await store.head(key);
    if (joined === undefined) throw new StorageError(STORAGE_ERRORS.noSuchUpload, { cause: error });
    return joined;
  }
}

async function readParts(text: string): Promise<Wanted[]> {
  const parts = children(await readXml(text, "CompleteMultipartUpload"), "Part");
  const wanted = parts.map((part) => ({ number: Number(textOf(part, "PartNumber") ?? Number.NaN), etag: quoted(textOf(part, "ETag") ?? "") }));
  if (wanted.length === 0 || wanted.some(({ number }) => !Number.isInteger(number))) throw new StorageError(S3_ERRORS.malformedXml);
  return wanted;
}

const quoted = (etag: string): string => `"${etag.trim().replace(/^"|"$/g, "")}"`;

/** @throws StorageError InvalidPartOrder, InvalidPart, EntityTooSmall, EntityTooLarge */
function checkParts({ parts, maxSize }: MultipartUpload, wanted: readonly Wanted[]): void {
  if (wanted.some(({ number }, index) => number <= (wanted[index - 1]?.number ?? 0))) throw new StorageError(S3_ERRORS.invalidPartOrder);
  const put = new Map(parts.map((part) => [part.number, part]));
  const named = wanted.map(({ number, etag }) => {
    const part = put.get(number);
    if (part === undefined || part.etag !== etag) throw new StorageError(S3_ERRORS.invalidPart, { details: `Part ${number}` });
    return part;
  });
  if (named.slice(0, -1).some(({ size }) => size < MIN_PART_SIZE)) throw new StorageError(S3_ERRORS.entityTooSmall);
  if (sizeOf(named) > maxSize) throw new StorageError(STORAGE_ERRORS.tooLarge);
}
