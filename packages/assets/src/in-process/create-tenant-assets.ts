import { BackendError } from "@plinth/core";
import { readArchive } from "../archive/read-archive.ts";
import { ASSETS_ERRORS } from "../errors.ts";
import type { UploadedFile } from "../files/site-upload.ts";
import { publishRelease } from "../releases/publish-release.ts";
import { listReleases, rollBack } from "../releases/roll-back.ts";
import { sweepSite } from "../releases/sweep-site.ts";
import type { TenantSite } from "../tenant-site.ts";
import { readFolder } from "./read-folder.ts";
import type { SiteSource, TenantAssets } from "./tenant-assets.ts";

export function createTenantAssets(site: TenantSite): TenantAssets {
  return {
    publish: async (source, options) => publishRelease(site, filesOf(site, source), options),
    rollback: (release) => rollBack(site, release),
    releases: () => listReleases(site),
    sweep: () => sweepSite(site),
  };
}

function filesOf({ config: { maxFiles, maxReleaseBytes } }: TenantSite, source: SiteSource): AsyncIterable<UploadedFile> | Iterable<UploadedFile> {
  if (typeof source !== "object" || source === null) throw new BackendError(ASSETS_ERRORS.invalidRequest, { message: "A site is published as { folder }, { files } or { archive }." });
  if ("files" in source) return source.files;
  if ("folder" in source) return readFolder(source.folder);
  const { archive } = source;
  return readArchive(archive instanceof Uint8Array ? once(archive) : archive, { maxFiles, maxBytes: maxReleaseBytes });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
