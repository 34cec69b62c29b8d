import { findBucket } from "../../buckets/find-bucket.ts";
import { bucketName } from "../../names/bucket-name.ts";
import { objectName } from "../../names/object-name.ts";
import { deleteObjects as deleteNames } from "../../objects/delete/delete-objects.ts";
import { STORAGE_ERRORS } from "../../errors.ts";
import { StorageError } from "../../storage-error.ts";
import { readBodyText } from "../body/read-body.ts";
import { empty, xml } from "../respond.ts";
import type { S3Call } from "../s3-call.ts";
import { S3_ERRORS } from "../s3-errors.ts";
import type { S3Operation } from "../s3-operation.ts";
import { children, readXml, textOf } from "../xml/read-xml.ts";

const MOST_KEYS = 1_000;
/** Of keys at their longest, each character a reference. */
const MOST_BYTES = 8_388_608;

interface Deleted {
  readonly Key: string;
  /** Where it wasn't. */
  readonly Code?: string;
  readonly Message?: string;
}

export const deleteObject: S3Operation = {
  id: "storage.s3.object.delete",
  method: "DELETE",
  level: "object",
  handle: async (s3) => {
    const [result] = await remove(s3, [s3.key]);
    if (result?.Code !== undefined) throw new StorageError(STORAGE_ERRORS.accessDenied);
    return empty(204);
  },
};

export const deleteObjects: S3Operation = {
  id: "storage.s3.object.delete_many",
  method: "POST",
  level: "bucket",
  query: ["delete"],
  handle: async (s3) => {
    const asked = await readXml(await readBodyText(s3, MOST_BYTES), "Delete");
    const keys = children(asked, "Object").map((object) => textOf(object, "Key") ?? "");
    if (keys.length === 0 || keys.length > MOST_KEYS || keys.includes("")) throw new StorageError(S3_ERRORS.malformedXml);
    const results = await remove(s3, keys);
    const isQuiet = textOf(asked, "Quiet")?.trim() === "true";
    return xml("DeleteResult", { Deleted: isQuiet ? [] : results.filter(({ Code }) => Code === undefined).map(({ Key }) => ({ Key })), Error: results.filter(({ Code }) => Code !== undefined).map((result) => ({ ...result })) });
  },
};

/** What isn't there counts as deleted; what is there and the caller may see, but not delete, as refused. */
async function remove({ call, bucket }: S3Call, keys: readonly string[]): Promise<Deleted[]> {
  const { id } = await findBucket(call, bucketName(bucket));
  const names = new Map(keys.map((key) => [key, nameOf(key)]));
  const asked = [...names.values()].filter((name) => name !== undefined);
  const deleted = new Set((await deleteNames(call, id, { names: asked })).map(({ name }) => name));
  const left = asked.filter((name) => !deleted.has(name));
  const visible = left.length === 0 ? new Set<string>() : await visibleOf(call, id, left);
  return keys.map((Key) => (visible.has(names.get(Key) ?? "") ? { Key, Code: STORAGE_ERRORS.accessDenied.code, Message: STORAGE_ERRORS.accessDenied.message } : { Key }));
}

async function visibleOf(call: S3Call["call"], bucket: string, names: readonly string[]): Promise<ReadonlySet<string>> {
  const [result] = await call.query("caller", [{ sql: "select name from storage.objects where bucket_id = $1 and name = any (select json_array_elements_text($2::json))", parameters: [bucket, JSON.stringify(names)] }], { readOnly: true });
  return new Set(result!.rows.map(([name]) => name!));
}

/** Undefined of what can be no object's name, so that there is none. */
function nameOf(key: string): string | undefined {
  try {
    return objectName(key);
  } catch {
    return undefined;
  }
}
