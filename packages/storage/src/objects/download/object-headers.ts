import type { ObjectMetadata } from "../stored-object-row.ts";

/** What an object is sent with besides its bytes. */
export interface HeaderOptions {
  /** `?download`: as a file of that name; "" for the name it has. */
  readonly download?: string | null;
  /** Of a signed address: until when it holds. */
  readonly expires?: Date | undefined;
}

/** Browsers must not run what somebody has uploaded, on an origin that has the API's cookies. Of several types they take the last. */
const ACTIVE = /(?:^|,)\s*(?:text\/html|application\/xhtml\+xml)/i;
/** Those that can have scripts in them, or parts of any type, and are shown all the same. */
const SCRIPTABLE = /(?:^|,)\s*(?:image\/svg\+xml|(?:text|application)\/(?:(?:[\w.-]+\+)?xml|xsl|rdf)|multipart\/)/i;

/** Headers of a download, as upstream has them, and those that keep browsers from running what is in it. */
export function objectHeaders(metadata: Partial<ObjectMetadata>, { download, expires }: HeaderOptions): Record<string, string> {
  const { mimetype = "application/octet-stream", eTag, lastModified, cacheControl, xRobotsTag = "none" } = metadata;
  return {
    "accept-ranges": "bytes",
    "content-type": safe(ACTIVE.test(mimetype) ? "text/plain" : mimetype),
    "x-content-type-options": "nosniff",
    "x-robots-tag": safe(xRobotsTag),
    ...(SCRIPTABLE.test(mimetype) ? { "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox" } : {}),
    ...(eTag === undefined ? {} : { etag: safe(eTag) }),
    ...(lastModified === undefined ? {} : { "last-modified": new Date(lastModified).toUTCString() }),
    ...(expires ? { expires: expires.toUTCString() } : cacheControl ? { "cache-control": safe(cacheControl) } : {}),
    ...(download === undefined || download === null ? {} : { "content-disposition": disposition(download) }),
  };
}

/** RFC 6266 with RFC 8187's form of names. */
function disposition(name: string): string {
  if (name === "") return "attachment;";
  const encoded = encodeURIComponent(name.replace(/\p{Surrogate}/gu, "\ufffd"));
  return `attachment; filename=${encoded}; filename*=UTF-8''${encoded}`;
}

/** Rows may have been written by others: what no header can have is left out. */
const safe = (value: string): string => value.replace(/[^\t\x20-\x7e\x80-\xff]/g, "");
