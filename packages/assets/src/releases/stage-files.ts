import { BackendError } from "@plinth/core";
import { contentTypeOf, isCompressible } from "../delivery/content-type.ts";
import { ASSETS_ERRORS } from "../errors.ts";
import { compress } from "../files/compress.ts";
import { filePath } from "../files/file-path.ts";
import { hashOf, readContent } from "../files/read-content.ts";
import type { UploadedFile } from "../files/site-upload.ts";
import { blobName, type TenantSite } from "../tenant-site.ts";
import { NAMING } from "./locks.ts";

/** What has come of a release so far. */
export interface Staged {
  readonly files: number;
  readonly bytes: number;
  /** Of them, those that weren't there from releases before. */
  readonly storedBytes: number;
}

interface ReadFile {
  readonly path: string;
  readonly hash: string;
  readonly bytes: Uint8Array;
  readonly cacheControl: string | undefined;
}

/** Files that are looked up and stored together. */
const BATCH_FILES = 64;
const BATCH_BYTES = 16 * 1_048_576;
/** Files whose bytes go to the store at once. */
const PARALLEL = 4;

/**
 * Puts files into a release that nobody sees yet. Bytes that the project has already are not stored again. One file at
 * a time is read, and a few are in memory.
 * @throws BackendError of paths, sizes and counts that aren't taken; what the files throw
 */
export async function stageFiles(site: TenantSite, releaseId: string, files: AsyncIterable<UploadedFile> | Iterable<UploadedFile>): Promise<Staged> {
  const { maxFiles, maxFileBytes, maxReleaseBytes } = site.config;
  const seen = new Set<string>();
  let batch: ReadFile[] = [];
  let [bytes, waiting, storedBytes] = [0, 0, 0];
  const store = async (): Promise<void> => {
    storedBytes += await storeBatch(site, releaseId, batch);
    [batch, waiting] = [[], 0];
  };
  for await (const file of files) {
    const path = filePath(file.path);
    if (seen.has(path)) throw new BackendError(ASSETS_ERRORS.duplicatePath, { message: `${JSON.stringify(path)} is there twice.` });
    seen.add(path);
    if (seen.size > maxFiles) throw new BackendError(ASSETS_ERRORS.releaseTooLarge, { message: `A release has ${maxFiles} files at most.` });
    const content = await readContent(file, maxFileBytes);
    bytes += content.byteLength;
    if (bytes > maxReleaseBytes) throw new BackendError(ASSETS_ERRORS.releaseTooLarge, { message: `A release has ${maxReleaseBytes} bytes at most.` });
    waiting += content.byteLength;
    batch.push({ path, hash: hashOf(content), bytes: content, cacheControl: file.cacheControl });
    if (batch.length >= BATCH_FILES || waiting >= BATCH_BYTES) await store();
  }
  if (batch.length > 0) await store();
  return { files: seen.size, bytes, storedBytes };
}

/** @returns bytes that were stored */
async function storeBatch(site: TenantSite, releaseId: string, batch: readonly ReadFile[]): Promise<number> {
  const missing = await nameBatch(site, releaseId, batch);
  // By hash: several files of a site may be the same.
  const waiting = [...new Map(batch.filter(({ hash }) => missing.has(hash)).map((file) => [file.hash, file])).values()];
  const count = waiting.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  await markStored(site, releaseId, await storeBlobs(site, releaseId, waiting));
  return count;
}

/** A few at a time. */
async function storeBlobs(site: TenantSite, releaseId: string, waiting: ReadFile[]): Promise<readonly StoredBlob[]> {
  const stored: StoredBlob[] = [];
  const work = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) stored.push(await storeBlob(site, releaseId, file));
  };
  const workers = await Promise.allSettled(Array.from({ length: Math.min(PARALLEL, waiting.length) }, work));
  const failed = workers.find((worker) => worker.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return stored;
}

const NAME_BLOBS = "insert into assets.blobs (hash, size) select distinct g.hash, g.size from json_to_recordset($1::json) as g (hash text, size bigint) on conflict do nothing";
const NAME_FILES = `insert into assets.files (release_id, path, hash, cache_control)
  select $1::bigint, g.path, g.hash, g.cache_control from json_to_recordset($2::json) as g (path text, hash text, cache_control text)`;
const NOT_STORED = "select b.hash from assets.blobs b where not b.stored and b.hash in (select json_array_elements_text($1::json))";

/** Before the bytes: what a release names is not deleted. @returns the hashes whose bytes have still to be stored */
async function nameBatch(site: TenantSite, releaseId: string, batch: readonly ReadFile[]): Promise<ReadonlySet<string>> {
  const rows = batch.map(({ path, hash, bytes, cacheControl }) => ({ path, hash, size: bytes.byteLength, cache_control: cacheControl ?? null }));
  const json = JSON.stringify(rows);
  try {
    const results = await site.query([NAMING, { sql: NAME_BLOBS, parameters: [json] }, { sql: NAME_FILES, parameters: [releaseId, json] }, { sql: NOT_STORED, parameters: [JSON.stringify(rows.map(({ hash }) => hash))] }]);
    return new Set(results.at(-1)!.rows.map(([hash]) => hash!));
  } catch (error) {
    // The release isn't there any more.
    if ((error as { code?: string }).code === "23503") throw new BackendError(ASSETS_ERRORS.releaseExpired, { cause: error });
    throw error;
  }
}

interface StoredBlob {
  readonly hash: string;
  readonly brotli: number | null;
  readonly gzip: number | null;
}

async function storeBlob({ store, keyOf }: TenantSite, releaseId: string, { path, hash, bytes }: ReadFile): Promise<StoredBlob> {
  const forms = isCompressible(contentTypeOf(path)) ? await compress(bytes) : new Map();
  const blob = blobName(hash, releaseId);
  for (const [encoding, form] of forms) await store.put(keyOf(blob, encoding), form, { size: form.byteLength });
  await store.put(keyOf(blob), bytes, { size: bytes.byteLength });
  return { hash, brotli: forms.get("br")?.byteLength ?? null, gzip: forms.get("gzip")?.byteLength ?? null };
}

/** The first that has stored them counts, as long as its release is not dropped. */
const MARK = `with staged as (select id from assets.releases where id = $1::bigint and state = 'staged' for key share)
  update assets.blobs b set stored = true, stored_by = staged.id, brotli_size = g.brotli, gzip_size = g.gzip
    from staged, json_to_recordset($2::json) as g (hash text, brotli bigint, gzip bigint) where b.hash = g.hash and not b.stored`;
/** Others were quicker with these. */
const DISCARD = `insert into assets.trash (name) select g.hash || '-' || $1::text from json_to_recordset($2::json) as g (hash text)
  left join assets.blobs b on b.hash = g.hash where b.stored_by is distinct from $1::text::bigint on conflict do nothing`;

async function markStored(site: TenantSite, releaseId: string, stored: readonly StoredBlob[]): Promise<void> {
  if (stored.length === 0) return;
  const parameters = [releaseId, JSON.stringify(stored)];
  await site.query([{ sql: MARK, parameters }, { sql: DISCARD, parameters }]);
}
