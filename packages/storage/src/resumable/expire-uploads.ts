import type { Tenant } from "@plinth/core";
import type { TenantStorage } from "../tenant-storage.ts";
import { discardBytes } from "./discard-bytes.ts";
import { removeExpired, toUploads } from "./resumable-upload.ts";

export interface ExpireUploadsOptions {
  /** How long they are left alone once they have expired, in seconds: a last request may still be at work. Default: an hour. */
  readonly grace?: number;
}

const BATCH = 100;

/**
 * Removes resumable uploads that have expired, with the bytes that came. May run in several processes at once.
 * @returns how many there were
 */
export async function expireUploads(tenant: Tenant, storage: Pick<TenantStorage, "store" | "keyOf">, { grace = 3_600 }: ExpireUploadsOptions = {}): Promise<number> {
  const { adopted, roles: { service } } = tenant.project;
  // There is no such table.
  if (adopted) return 0;
  for (let count = 0; ; ) {
    const [removed] = await tenant.execute({ role: service, claims: { role: service } }, [removeExpired(grace, BATCH)]);
    const uploads = toUploads(removed!);
    for (const upload of uploads) await discardBytes(storage, upload);
    count += uploads.length;
    if (uploads.length < BATCH) return count;
  }
}
