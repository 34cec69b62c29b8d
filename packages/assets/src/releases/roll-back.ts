import { BackendError, type Statement } from "@plinth/core";
import { ASSETS_ERRORS } from "../errors.ts";
import type { TenantSite } from "../tenant-site.ts";
import { collectGarbage } from "./collect-garbage.ts";
import { type Release, selectCurrent, selectRelease, selectReleases, toReleases } from "./release.ts";

const LOCK: Statement = { sql: "select release_id from assets.site for update", parameters: [] };

/** By id, or the one that was published before that which is served. */
const SWITCH = `update assets.site s set revision = revision + 1, release_id = t.id from (
    select r.id from assets.releases r cross join assets.site c left join assets.releases now on now.id = c.release_id
     where r.state = 'ready' and case when $1::bigint is not null then r.id = $1::bigint else (r.published_at, r.id) < (now.published_at, now.id) end
     order by r.published_at desc, r.id desc limit 1) t returning s.release_id`;

/**
 * Serves a release that was published before, as it was.
 * @param id default: the one before that which is served
 * @throws BackendError PLINTH_ASSETS_RELEASE_NOT_FOUND
 */
export async function rollBack(site: TenantSite, id?: string): Promise<Release> {
  const results = await site.query([LOCK, { sql: SWITCH, parameters: [releaseId(id)] }, selectCurrent]);
  site.manifests.forget();
  const [release] = toReleases(results[2]!);
  if (results[1]!.rows.length === 0 || release === undefined) throw new BackendError(ASSETS_ERRORS.releaseNotFound, id === undefined ? { message: "There is no release before the one that is served." } : {});
  await site.cdn?.bringUpToDate();
  return release;
}

/** Those that are kept, the latest first. */
export async function listReleases(site: TenantSite): Promise<readonly Release[]> {
  const [result] = await site.query([selectReleases()]);
  return toReleases(result!);
}

/** @throws BackendError PLINTH_ASSETS_RELEASE_NOT_FOUND */
export async function getRelease(site: TenantSite, id: string): Promise<Release> {
  const [result] = await site.query([selectRelease(releaseId(id)!)]);
  const [release] = toReleases(result!);
  if (release === undefined) throw new BackendError(ASSETS_ERRORS.releaseNotFound);
  return release;
}

const DELETE = "delete from assets.releases r using assets.site s where r.id = $1::bigint and r.state = 'ready' and r.id is distinct from s.release_id";

/** The bucket of a CDN has files of releases that aren't served. */
const REVISE: Statement = { sql: "update assets.site set revision = revision + 1", parameters: [] };

/** @throws BackendError PLINTH_ASSETS_RELEASE_NOT_FOUND; PLINTH_ASSETS_RELEASE_CURRENT where it is served */
export async function deleteRelease(site: TenantSite, id: string): Promise<void> {
  const results = await site.query([LOCK, selectRelease(releaseId(id)!), { sql: DELETE, parameters: [releaseId(id)] }, ...(site.cdn === undefined ? [] : [REVISE])]);
  const [release] = toReleases(results[1]!);
  if (release === undefined) throw new BackendError(ASSETS_ERRORS.releaseNotFound);
  if (release.isCurrent) throw new BackendError(ASSETS_ERRORS.releaseCurrent);
  await collectGarbage(site);
  await site.cdn?.bringUpToDate();
}

/** A number of PostgreSQL's, as text. */
function releaseId(id: string | undefined): string | null {
  if (id === undefined) return null;
  if (!/^\d{1,18}$/.test(id)) throw new BackendError(ASSETS_ERRORS.releaseNotFound);
  return id;
}
