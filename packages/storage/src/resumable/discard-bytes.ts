import type { TenantStorage } from "../tenant-storage.ts";
import type { ResumableUpload } from "./resumable-upload.ts";

/**
 * Deletes what an upload has kept of its bytes, its row being gone. What is below its version stays, for the sweep: somebody
 * may just be writing the object's row.
 */
export async function discardBytes({ store, keyOf }: Pick<TenantStorage, "store" | "keyOf">, { version, store_upload, segments }: Pick<ResumableUpload, "version" | "store_upload" | "segments">): Promise<void> {
  if (store_upload !== null) await store.abortUpload(keyOf(version), store_upload);
  if (segments.length > 0) await store.delete(segments.map((segment) => keyOf(segment.version)));
}
