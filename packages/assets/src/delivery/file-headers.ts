import type { ReplyHeaders } from "@plinth/core";
import { isDocument } from "./content-type.ts";
import type { Encoding } from "./encoding.ts";
import type { SiteFile } from "./manifest.ts";
import { maySet, type Place, SANDBOX } from "./origin.ts";

/** Quoted, of its own for each form of the bytes (RFC 9110, 8.8.3.3). */
export const etagOf = ({ hash }: SiteFile, encoding: Encoding | undefined): string => `"${hash.slice(0, 32)}${encoding === undefined ? "" : `-${encoding}`}"`;

/** @param isSandboxed whether documents are kept from the origin that they share */
export function fileHeaders(file: SiteFile, encoding: Encoding | undefined, place: Place, isSandboxed: boolean): ReplyHeaders {
  const headers: ReplyHeaders = { "content-type": file.type, "cache-control": file.cacheControl, etag: etagOf(file, encoding), "last-modified": file.updatedAt.toUTCString(), "accept-ranges": "bytes", "x-content-type-options": "nosniff" };
  for (const [name, value] of file.headers) if (maySet(name, place)) headers[name] = value;
  if (encoding !== undefined) headers["content-encoding"] = encoding;
  if (file.encoded.br !== undefined || file.encoded.gzip !== undefined) headers["vary"] = "Accept-Encoding";
  if (isSandboxed && isDocument(file.type)) {
    const own = headers["content-security-policy"];
    headers["content-security-policy"] = typeof own === "string" ? [own, SANDBOX] : SANDBOX;
  }
  return headers;
}
