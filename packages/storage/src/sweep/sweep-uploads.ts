import type { Statement } from "@plinth/core";
import type { StorageWork } from "../endpoint/storage-call.ts";
import { prefixOf } from "../tenant-storage.ts";
import { BATCH } from "./named-versions.ts";

/** How long an upload by the S3 protocol may take until it is completed: as R2 has it. In seconds. */
const S3_UPLOAD_TTL = 7 * 24 * 60 * 60;

/** Nobody takes longer over one file of a site, or an image that was made of one: what is under way of those isn't known here. In milliseconds. */
const OTHERS_GRACE = 60 * 60 * 1_000;

interface BegunUpload {
  readonly key: string;
  readonly uploadId: string;
}

export interface SweepUploadsOptions {
  /** Uploads that were begun since then are left alone. */
  readonly before: Date;
  readonly dryRun: boolean;
}

/** Rows of uploads by the S3 protocol that nobody has completed in time. */
const removeAbandoned: Statement = {
  sql: "with gone as (delete from storage.s3_multipart_uploads where created_at < now() - make_interval(secs => $1) returning 1) select count(*) from gone",
  parameters: [String(S3_UPLOAD_TTL)],
};

/** Of the versions, those that an upload in progress is of. */
const inProgress = (versions: readonly string[]): Statement => ({
  sql: `select version from storage.s3_multipart_uploads where version in (select json_array_elements_text($1::json))
    union select version from storage.resumable_uploads where not finished and version in (select json_array_elements_text($1::json))`,
  parameters: [JSON.stringify(versions)],
});

/** Aborts uploads in parts that nobody has completed in time, and those that no row knows of. @returns how many */
export async function sweepUploads(work: StorageWork, { before, dryRun }: SweepUploadsOptions): Promise<number> {
  const { storage, tenant } = work;
  if (!tenant.project.adopted) await work.query("service", [removeAbandoned], { rollback: dryRun });
  let [count, batch]: [number, BegunUpload[]] = [0, []];
  const isOwn = ({ key }: BegunUpload): boolean => !key.slice(prefixOf(tenant.project).length + 1).includes("/");
  const settle = async (): Promise<void> => {
    const abandoned = await abandonedOf(work, batch);
    if (!dryRun) for (const { key, uploadId } of abandoned) await storage.store.abortUpload(key, uploadId);
    count += abandoned.length;
    batch = [];
  };
  for await (const { begunAt, ...upload } of storage.store.listUploads(prefixOf(tenant.project))) {
    work.signal?.throwIfAborted();
    if (begunAt < before && (isOwn(upload) || begunAt.getTime() < Date.now() - OTHERS_GRACE)) batch.push(upload);
    if (batch.length === BATCH) await settle();
  }
  if (batch.length > 0) await settle();
  return count;
}

async function abandonedOf(work: StorageWork, uploads: readonly BegunUpload[]): Promise<BegunUpload[]> {
  const versionOf = ({ key }: BegunUpload): string => key.slice(prefixOf(work.tenant.project).length + 1);
  const underWay = new Set(work.storage.trash.underWay);
  if (work.tenant.project.adopted) return uploads.filter((upload) => !underWay.has(versionOf(upload)));
  const [result] = await work.query("service", [inProgress(uploads.map(versionOf))], { readOnly: true });
  const known = new Set(result!.rows.map(([version]) => version!));
  return uploads.filter((upload) => !known.has(versionOf(upload)) && !underWay.has(versionOf(upload)));
}
