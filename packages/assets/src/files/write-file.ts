import { BackendError, type Statement } from "@plinth/core";
import { ASSETS_ERRORS } from "../errors.ts";
import { collectGarbage } from "../releases/collect-garbage.ts";
import { withStagedRelease } from "../releases/staged-release.ts";
import type { TenantSite } from "../tenant-site.ts";
import type { UploadedFile } from "./site-upload.ts";

const LOCK: Statement = { sql: "select release_id from assets.site for update", parameters: [] };
/** Where nothing was published yet, the file is the first of a release. */
const FIRST = "update assets.releases set state = 'ready', published_at = clock_timestamp() where id = $1::bigint and (select release_id from assets.site) is null";
const SERVE_FIRST = "update assets.site set release_id = $1::bigint where release_id is null";
const REMOVE_OLD = `delete from assets.files f using assets.site s, assets.files n
  where s.release_id <> $1::bigint and f.release_id = s.release_id and n.release_id = $1::bigint and f.path = n.path`;
const MOVE = "update assets.files f set release_id = s.release_id from assets.site s where f.release_id = $1::bigint and s.release_id <> $1::bigint";
const DROP_STAGED = "delete from assets.releases where id = $1::bigint and state = 'staged'";
const COUNT = `update assets.releases r set files = c.files, bytes = c.bytes
  from (select s.release_id, count(f.path) as files, coalesce(sum(b.size), 0) as bytes from assets.site s
    left join assets.files f on f.release_id = s.release_id left join assets.blobs b on b.hash = f.hash group by s.release_id) c
  where r.id = c.release_id returning r.files, r.bytes`;
const REVISE = "update assets.site set revision = revision + 1";

/**
 * Writes one file into the release that is served: stored first, then seen.
 * @param mayReplace else PLINTH_ASSETS_FILE_EXISTS where there is one
 * @throws BackendError as `publishRelease`
 */
export async function writeFile(site: TenantSite, file: UploadedFile, mayReplace: boolean): Promise<void> {
  await withStagedRelease(site, [file], undefined, async (id) => {
    const of = (sql: string): Statement => ({ sql, parameters: [id] });
    const statements = [LOCK, of(FIRST), of(SERVE_FIRST), ...(mayReplace ? [of(REMOVE_OLD)] : []), of(MOVE), of(DROP_STAGED), plain(COUNT), plain(REVISE)];
    const fits = (counted: ReadonlyArray<string | null> | undefined): boolean => Number(counted?.[0]) <= site.config.maxFiles && Number(counted?.[1]) <= site.config.maxReleaseBytes;
    try {
      const results = await site.query(statements, (all) => (fits(all.at(-2)?.rows[0]) ? "commit" : "rollback"));
      if (!fits(results.at(-2)?.rows[0])) throw new BackendError(ASSETS_ERRORS.releaseTooLarge);
    } catch (error) {
      throw (error as { code?: string }).code === "23505" ? new BackendError(ASSETS_ERRORS.exists, { cause: error }) : error;
    }
  });
  await site.cdn?.bringUpToDate();
}

const DELETE = "delete from assets.files f using assets.site s where f.release_id = s.release_id and f.path = $1 returning f.path";

/** Deletes one file of the release that is served. @throws BackendError PLINTH_ASSETS_NOT_FOUND */
export async function deleteFile(site: TenantSite, path: string): Promise<void> {
  const results = await site.query([LOCK, { sql: DELETE, parameters: [path] }, plain(COUNT), plain(REVISE)]);
  site.manifests.forget();
  if (results[1]!.rows.length === 0) throw new BackendError(ASSETS_ERRORS.notFound);
  await collectGarbage(site);
  await site.cdn?.bringUpToDate();
}

const plain = (sql: string): Statement => ({ sql, parameters: [] });
