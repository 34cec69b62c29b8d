import { BackendError, type Statement } from "@plinth/core";
import type { CdnStanding } from "../cdn/site-cdn.ts";
import { effectiveSettings, loadManifest } from "../delivery/load-manifest.ts";
import { ASSETS_ERRORS } from "../errors.ts";
import type { UploadedFile } from "../files/site-upload.ts";
import type { TenantSite } from "../tenant-site.ts";
import { dropAbandoned } from "./drop-release.ts";
import { type Release, selectRelease, toReleases } from "./release.ts";
import type { Staged } from "./stage-files.ts";
import { withStagedRelease } from "./staged-release.ts";

export interface PublishOptions {
  /** What the release is called in lists: a commit, a version. */
  readonly label?: string | undefined;
}

export interface PublishedRelease extends Release {
  /** Bytes that had to be stored: of files that releases before didn't have. */
  readonly storedBytes: number;
  /** Lines of `_redirects` and `_headers` that weren't understood, as `_headers:3: Set-Cookie can't be set`. */
  readonly problems: readonly string[];
  /** Whether the bucket of the CDN has it already, where there is one: what is behind follows by itself. */
  readonly cdn?: CdnStanding;
}

/**
 * Publishes a whole site: uploaded aside, and served all at once in place of what was. Where anything fails, what was is
 * served on, and nothing is kept.
 * @throws BackendError PLINTH_ASSETS_RELEASE_EMPTY, PLINTH_ASSETS_RELEASE_TOO_LARGE, PLINTH_ASSETS_FILE_TOO_LARGE, PLINTH_ASSETS_INVALID_PATH, PLINTH_ASSETS_DUPLICATE_PATH, PLINTH_ASSETS_RELEASE_EXPIRED; what `files` throw
 */
export async function publishRelease(site: TenantSite, files: AsyncIterable<UploadedFile> | Iterable<UploadedFile>, { label }: PublishOptions = {}): Promise<PublishedRelease> {
  const release = await withStagedRelease(site, files, label, async (id, staged) => {
    if (staged.files === 0) throw new BackendError(ASSETS_ERRORS.emptyRelease);
    const published = await switchTo(site, id, staged);
    return { ...published, storedBytes: staged.storedBytes };
  });
  const { redirects, headerRules } = await site.manifests.get((before) => loadManifest(site, before));
  const cdn = await site.cdn?.bringUpToDate();
  return { ...release, problems: [...redirects.problems, ...headerRules.problems], ...(cdn === undefined ? {} : { cdn }) };
}

const LOCK: Statement = { sql: "select settings from assets.site for update", parameters: [] };
/** What is the same as before is as old as before. */
const KEEP_DATES = `update assets.files f set updated_at = o.updated_at from assets.files o, assets.site s
  where f.release_id = $1::bigint and o.release_id = s.release_id and o.path = f.path and o.hash = f.hash`;
/** In the order of their turns at the site, which isn't that of their transactions' beginnings. */
const READY = "update assets.releases set state = 'ready', published_at = clock_timestamp(), files = $2::integer, bytes = $3::bigint where id = $1::bigint and state = 'staged' returning id";
const SWITCH = "update assets.site set release_id = $1::bigint, revision = revision + 1 where exists (select from assets.releases where id = $1::bigint and state = 'ready')";
const DROP_OLD = `delete from assets.releases r using assets.site s where r.state = 'ready' and r.id <> s.release_id
  and r.id not in (select k.id from assets.releases k where k.state = 'ready' and k.id <> s.release_id order by k.published_at desc, k.id desc
    limit coalesce((s.settings ->> 'keptReleases')::integer, $1::integer))`;

async function switchTo(site: TenantSite, id: string, { files, bytes }: Staged): Promise<Release> {
  const kept = String(effectiveSettings(site.config, "{}").keptReleases);
  const statements: Statement[] = [
    LOCK,
    { sql: KEEP_DATES, parameters: [id] },
    { sql: READY, parameters: [id, String(files), String(bytes)] },
    { sql: SWITCH, parameters: [id] },
    { sql: DROP_OLD, parameters: [kept] },
    ...dropAbandoned(),
    selectRelease(id),
  ];
  const results = await site.query(statements, (all) => (all[2]!.rows.length === 1 ? "commit" : "rollback"));
  const [release] = toReleases(results.at(-1)!);
  if (results[2]!.rows.length === 0 || release === undefined) throw new BackendError(ASSETS_ERRORS.releaseExpired);
  return release;
}
