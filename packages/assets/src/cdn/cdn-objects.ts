import { createHash } from "node:crypto";
import type { PublicHeaders } from "@plinth/core";
import { isHashed } from "../delivery/cache-policy.ts";
import { isHtml } from "../delivery/content-type.ts";
import type { Encoding } from "../delivery/encoding.ts";
import { isRulesFile, type SiteFile } from "../delivery/manifest.ts";
import { pagePath } from "../delivery/page-path.ts";

/** What is to lie in the bucket below a name. */
export interface CdnObject {
  /** Below the project's prefix. */
  readonly name: string;
  readonly file: SiteFile;
  readonly encoding: Encoding | undefined;
  readonly headers: PublicHeaders;
  /** Another one for other bytes or headers. */
  readonly form: string;
  /** What is put together: pages last, when all is there that they name. */
  readonly turn: 0 | 1 | 2;
}

/** S3's limit of a key, less some for what is before it. */
const MAX_NAME_BYTES = 900;

/**
 * A release as a bucket has it, which looks for nothing but names: pages lie at each path that they have.
 * @param kept files of earlier releases whose names change with their content: pages that are kept somewhere still name them
 */
export function cdnObjects(files: ReadonlyMap<string, SiteFile>, kept: Iterable<SiteFile>, encoding: Encoding | undefined): ReadonlyMap<string, CdnObject> {
  const objects = new Map<string, CdnObject>();
  const add = (name: string, file: SiteFile): void => {
    if (!objects.has(name) && Buffer.byteLength(name) <= MAX_NAME_BYTES) objects.set(name, toObject(name, file, encoding));
  };
  const shown = [...files.values()].filter(({ path }) => !isRulesFile(path));
  for (const file of shown) add(file.path, file);
  for (const file of shown) {
    const page = pagePath(file.path);
    if (page !== undefined) add(page, file);
  }
  for (const file of kept) if (isHashed(file.path)) add(file.path, file);
  return objects;
}

function toObject(name: string, file: SiteFile, wanted: Encoding | undefined): CdnObject {
  const encoding = wanted !== undefined && file.encoded[wanted] !== undefined ? wanted : undefined;
  const headers: PublicHeaders = {
    contentType: file.type,
    cacheControl: file.headers.get("cache-control") ?? file.cacheControl,
    contentEncoding: encoding,
    contentDisposition: file.headers.get("content-disposition"),
    contentLanguage: file.headers.get("content-language"),
  };
  const form = createHash("sha256").update(JSON.stringify([file.hash, headers])).digest("base64url");
  return { name, file, encoding, headers, form, turn: isHtml(file.type) ? 2 : isHashed(file.path) ? 0 : 1 };
}
