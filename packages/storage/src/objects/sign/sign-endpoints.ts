import { z } from "zod";
import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { json } from "../../endpoint/respond.ts";
import { ownerOf, type StorageCall, type StorageWork } from "../../endpoint/storage-call.ts";
import { checkQuery } from "../../endpoint/check-query.ts";
import { findBucket } from "../../buckets/find-bucket.ts";
import { STORAGE_ERRORS } from "../../errors.ts";
import { bucketName } from "../../names/bucket-name.ts";
import { objectName } from "../../names/object-name.ts";
import { imageClaims } from "../../render/sign-transformation.ts";
import { type Transformation, transformationSchema } from "../../render/transformation.ts";
import { tokenQuery } from "../../signed-urls/token-query.ts";
import { StorageError } from "../../storage-error.ts";
import { selectObject, selectObjects, toObjects, type UserMetadata } from "../stored-object-row.ts";
import { receiveUpload } from "../upload/receive-upload.ts";
import { headerMetadata } from "../upload/user-metadata.ts";
import { checkMayWrite } from "../write-object.ts";

/** Whoever may read the object may let others do so: so many seconds. */
const expiresIn = z.number().int().min(1).max(2 ** 31);

/** What a signed address is made of. */
export interface SignedAddress {
  /** `<bucket>/<name>`. */
  readonly url: string;
  readonly token: string;
  /** Below `/storage/v1`. Clients take names into it as they are. */
  readonly path: string;
}

async function signedDownload({ storage }: StorageWork, url: string, seconds: number, transform: Transformation | undefined): Promise<SignedAddress> {
  const claims = imageClaims(storage.config, transform);
  const token = await storage.urls.sign("download", { url, ...claims }, seconds);
  return { url, token, path: `/${claims.transformations === undefined ? "object" : "render/image"}/sign/${url}?token=${token}` };
}

export const signObject = defineEndpoint({
  id: "storage.object.sign",
  method: "POST",
  path: "/object/sign/:bucket/*name",
  access: "key",
  body: z.object({ expiresIn, transform: transformationSchema.optional() }),
  handle: async (call, body) => {
    const { path } = await signDownload(call, call.params as { readonly bucket: string; readonly name: string }, body.expiresIn, body.transform);
    return json({ signedURL: path });
  },
});

/**
 * @param transform of an image: the address is that of what comes of it
 * @throws StorageError NoSuchKey where it isn't there, or isn't the caller's to read
 */
export async function signDownload(work: StorageWork, object: { readonly bucket: string; readonly name: string }, seconds: number, transform?: Transformation): Promise<SignedAddress> {
  const [bucket, name] = [bucketName(object.bucket), objectName(object.name)];
  const [found] = await work.query("caller", [selectObject(bucket, name)], { readOnly: true });
  if (found!.rows.length === 0) throw new StorageError(STORAGE_ERRORS.noSuchKey);
  return signedDownload(work, `${bucket}/${name}`, seconds, transform);
}

export const signManyObjects = defineEndpoint({
  id: "storage.object.sign_many",
  method: "POST",
  path: "/object/sign/:bucket",
  access: "key",
  body: z.object({ expiresIn, paths: z.array(z.string()).min(1).max(1_000), transform: transformationSchema.optional() }),
  handle: async (call, { expiresIn: seconds, paths, transform }) => {
    const bucket = bucketName(call.params["bucket"]!);
    const names = paths.map((path) => path.normalize("NFC"));
    const [found] = await call.query("caller", [selectObjects("where o.bucket_id = $1 and o.name = any (select json_array_elements_text($2::json))", [bucket, JSON.stringify(names)])], { readOnly: true });
    const readable = new Set(toObjects(found!).map(({ name }) => name));
    return json(await Promise.all(names.map(async (name, index) => signedOne(call, bucket, { name, path: paths[index]!, isReadable: readable.has(name), seconds, transform }))));
  },
});

interface AskedFor {
  readonly name: string;
  readonly path: string;
  readonly isReadable: boolean;
  readonly seconds: number;
  readonly transform: Transformation | undefined;
}

async function signedOne(call: StorageCall, bucket: string, { name, path, isReadable, seconds, transform }: AskedFor) {
  if (!isReadable) return { error: "Either the object does not exist or you do not have access to it", path, signedURL: null };
  return { error: null, path, signedURL: (await signedDownload(call, `${bucket}/${name}`, seconds, transform)).path };
}

export const signUpload = defineEndpoint({
  id: "storage.object.sign_upload_url",
  method: "POST",
  path: "/object/upload/sign/:bucket/*name",
  access: "key",
  handle: async (call) => {
    const { headers } = call.request;
    const announced = { mimetype: headers.get("content-type") ?? undefined, userMetadata: headerMetadata(headers.get("x-metadata")) };
    const { token, path } = await signUploadOf(call, call.params as { readonly bucket: string; readonly name: string }, headers.get("x-upsert") === "true", announced);
    return json({ url: path, token });
  },
});

/**
 * @param upsert whether an object that is there then may be replaced
 * @param announced what policies see of what is to come
 * @throws StorageError NoSuchBucket, AccessDenied; KeyAlreadyExists where it is there and not to be replaced
 */
export async function signUploadOf(work: StorageWork, object: { readonly bucket: string; readonly name: string }, upsert: boolean, announced: { readonly mimetype?: string | undefined; readonly userMetadata?: UserMetadata | undefined } = {}): Promise<SignedAddress> {
  const name = objectName(object.name);
  const bucket = await findBucket(work, bucketName(object.bucket));
  const owner = ownerOf(work.caller);
  await checkMayWrite(work, { bucket: bucket.id, name, owner, upsert, userMetadata: announced.userMetadata }, { mimetype: announced.mimetype });
  const url = `${bucket.id}/${name}`;
  const token = await work.storage.urls.sign("upload", { url, owner, upsert }, work.storage.config.uploadSignedUrlExpirationTime);
  return { url, token, path: `/object/upload/sign/${url}?token=${token}` };
}

export const uploadToSignedUrl = defineEndpoint({
  id: "storage.object.upload_signed",
  method: "PUT",
  path: "/object/upload/sign/:bucket/*name",
  access: "open",
  handle: async (call) => {
    const { bucket, name } = call.params as { readonly bucket: string; readonly name: string };
    const { owner, upsert = false } = await call.storage.urls.verify("upload", checkQuery(call.search, tokenQuery).token, `${bucket}/${objectName(name)}`);
    const { key } = await receiveUpload(call, { bucket, name, owner, upsert, mayWrite: "granted" });
    return json({ Key: key });
  },
});
