import { extname } from "node:path/posix";
import { contentType } from "mime-types";

/** By a path's extension, text with its charset; bytes of any kind where that tells nothing. */
export function contentTypeOf(path: string): string {
  const extension = extname(path);
  return (extension !== "" && contentType(extension)) || "application/octet-stream";
}

/** Scripts in such a document run with the rights of its origin: browsers take every type of XML for one (WHATWG MIME Sniffing, 4.6). */
export const isDocument = (type: string): boolean => /^(?:text\/html|text\/xml|application\/xml|[\w.-]+\/[\w.+-]+\+xml)(?:;|$)/.test(type);

export const isHtml = (type: string): boolean => type.startsWith("text/html") || type.startsWith("application/xhtml+xml");

/** Types that get smaller: text of all kinds, and a few that aren't compressed by themselves. */
export const isCompressible = (type: string): boolean => /^text\/|[/+](?:json|xml|javascript|ecmascript|manifest|webmanifest|wasm|x-font-ttf)\b|^font\/(?:ttf|otf)|^image\/(?:bmp|x-icon|vnd\.microsoft\.icon)|^application\/(?:vnd\.ms-fontobject|geo\+json|ld\+json|rtf|x-sh)/.test(type);
