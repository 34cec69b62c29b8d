import type { StorageWork } from "../endpoint/storage-call.ts";
import { STORAGE_ERRORS } from "../errors.ts";
import { bucketName } from "../names/bucket-name.ts";
import { objectName } from "../names/object-name.ts";
import { selectObject, toObjects } from "../objects/stored-object-row.ts";
import { StorageError } from "../storage-error.ts";
import { selectVersions, toVersions, type VersionQuery, type VersionRow } from "./object-version.ts";

/** The name that versions are of, as clients give it. */
export interface VersionsOf {
  readonly bucket: string;
  readonly name: string;
}

/**
 * Earlier versions of an object, newest first. Whoever sees the present object by their policies sees those of that same
 * object, under the name that it has now; the service role sees all that had the name, of deleted objects too, for which
 * nobody's policies could speak.
 * @throws StorageError NoSuchKey where the caller sees no such object; FeatureNotEnabled in a database that keeps none
 */
export async function findVersions(work: StorageWork, of: VersionsOf): Promise<VersionRow[]> {
  return query(work, await readableBy(work, of));
}

/** One of them. @throws StorageError as `findVersions`; NoSuchVersion */
export async function findVersion(work: StorageWork, of: VersionsOf, version: string): Promise<VersionRow> {
  const [found] = await query(work, { ...(await readableBy(work, of)), version });
  if (found === undefined) throw new StorageError(STORAGE_ERRORS.noSuchVersion);
  return found;
}

export const isService = ({ caller, tenant }: StorageWork): boolean => caller.role === tenant.project.roles.service;

async function query(work: StorageWork, of: VersionQuery): Promise<VersionRow[]> {
  const [result] = await work.query("service", [selectVersions(of)], { readOnly: true });
  return toVersions(result!);
}

async function readableBy(work: StorageWork, given: VersionsOf): Promise<VersionQuery> {
  if (work.tenant.project.adopted) throw new StorageError(STORAGE_ERRORS.featureNotEnabled, { message: "This project's database keeps no earlier versions of objects" });
  const of = { bucket: bucketName(given.bucket), name: objectName(given.name) };
  if (isService(work)) return of;
  // Not by the bucket being public: what was taken back from the public isn't for it.
  const [found] = await work.query("caller", [selectObject(of.bucket, of.name)], { readOnly: true });
  const [object] = toObjects(found!);
  if (object === undefined) throw new StorageError(STORAGE_ERRORS.noSuchKey);
  return { ...of, objectId: object.id };
}
