import type { ByteRange } from "@plinth/core";
import type { StorageWork } from "../endpoint/storage-call.ts";
import { STORAGE_ERRORS } from "../errors.ts";
import { findReadable } from "../objects/download/find-readable.ts";
import type { ObjectRow } from "../objects/stored-object-row.ts";
import { StorageError } from "../storage-error.ts";
import { findVersion, type VersionsOf } from "../versions/find-versions.ts";
import { objectInfo } from "./infos.ts";
import type { DownloadedObject, DownloadOptions } from "./tenant-storage-api.ts";

/** An object that is written anew while its bytes are asked for is looked for once more. */
const ATTEMPTS = 3;

export async function download(work: StorageWork, of: VersionsOf, options: DownloadOptions): Promise<DownloadedObject> {
  for (let attempt = 1; ; attempt += 1) {
    const row = await find(work, of, options.version);
    const { store, keyOf } = work.storage;
    const key = row.version === null ? undefined : keyOf(row.version);
    const size = row.metadata?.size ?? (key === undefined ? undefined : (await store.head(key))?.size) ?? 0;
    const range = rangeOf(options.range, size);
    const stream = key === undefined ? undefined : await store.get(key, { range, signal: work.signal });
    if (stream !== undefined) return { info: objectInfo(row), size: range === undefined ? size : range.end - range.start + 1, stream };
    if (attempt === ATTEMPTS) throw new StorageError(STORAGE_ERRORS.noSuchKey, { message: "The resource was not found" });
  }
}

async function find(work: StorageWork, of: VersionsOf, version: string | undefined): Promise<ObjectRow> {
  if (version === undefined) return findReadable(work, "caller", of);
  const found = await findVersion(work, of, version);
  return { ...found, id: found.object_id, updated_at: found.created_at, last_accessed_at: found.created_at };
}

/** @throws StorageError InvalidRange */
function rangeOf(given: DownloadOptions["range"], size: number): ByteRange | undefined {
  if (given === undefined) return undefined;
  const { start, end = size - 1 } = given;
  const isRange = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end && start < size;
  if (!isRange) throw new StorageError(STORAGE_ERRORS.invalidRange);
  return { start, end: Math.min(end, size - 1) };
}
