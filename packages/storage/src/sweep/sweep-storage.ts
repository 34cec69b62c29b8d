import type { StorageWork } from "../endpoint/storage-call.ts";
import { expireUploads } from "../resumable/expire-uploads.ts";
import { sweepBytes } from "./sweep-bytes.ts";
import type { SweepReport } from "./sweep-report.ts";
import { sweepUploads } from "./sweep-uploads.ts";
import { sweepVersions } from "./sweep-versions.ts";

export interface SweepOptions {
  /**
   * Bytes and uploads that are younger are left alone, in seconds: between bytes and the row that names them there is a moment.
   * What this process is writing is known, however long it takes; what others are isn't, so that less than an hour is for
   * when there are none. Default: the setting `sweepGrace`, a day.
   */
  readonly grace?: number | undefined;
  /** Count, and delete nothing. Default: false. */
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Brings a project's rows and bytes together again, after crashes and SQL: deletes what nobody needs, and reports what is
 * missing. Never deletes a row of an object. May run while all goes on, and in several processes at once.
 * @param work as the service role
 */
export async function sweepStorage(work: StorageWork, { grace = work.storage.config.sweepGrace, dryRun = false }: SweepOptions = {}): Promise<SweepReport> {
  const before = new Date(Date.now() - grace * 1_000);
  const expiredVersions = await sweepVersions(work, dryRun);
  const expiredUploads = dryRun ? 0 : await expireUploads(work.tenant, work.storage, { grace: Math.max(grace, LEAST_UPLOAD_GRACE) });
  const abortedUploads = await sweepUploads(work, { before, dryRun });
  const bytes = await sweepBytes(work, { before, dryRun });
  return { dryRun, ...bytes, expiredVersions, expiredUploads, abortedUploads };
}

/** A last request may be at work on an upload that has expired, in another process. In seconds. */
const LEAST_UPLOAD_GRACE = 3_600;
