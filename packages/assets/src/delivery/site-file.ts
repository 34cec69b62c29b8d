import type { SiteSettings } from "../config/assets-options.ts";
import type { HeaderRules } from "../rules/header-rules.ts";
import { blobName } from "../tenant-site.ts";
import { cachePolicy } from "./cache-policy.ts";
import { contentTypeOf } from "./content-type.ts";
import type { SiteFile } from "./manifest.ts";
import { pagePath } from "./page-path.ts";

/** Path, hash, size, those of its compressed forms, its own Cache-Control, since when it is so (seconds), and who has stored it. */
export type FileRow = ReadonlyArray<string | null>;

export function toSiteFile([path, hash, size, brotli, gzip, own, updatedAt, storedBy]: FileRow, settings: SiteSettings, rules: HeaderRules): SiteFile {
  const type = contentTypeOf(path!);
  return {
    path: path!,
    hash: hash!,
    blob: blobName(hash!, storedBy),
    size: Number(size),
    type,
    cacheControl: cachePolicy(path!, type, own ?? null, settings),
    encoded: { ...(brotli == null ? {} : { br: Number(brotli) }), ...(gzip == null ? {} : { gzip: Number(gzip) }) },
    updatedAt: new Date(Math.floor(Number(updatedAt)) * 1_000),
    headers: rules.headersOf(publicPaths(path!)),
    answered: new Map(),
  };
}

/** By its name, and by what it is asked for as a page. */
function publicPaths(path: string): readonly string[] {
  const page = pagePath(path);
  return page === undefined ? [`/${path}`] : [`/${path}`, `/${page}`];
}
