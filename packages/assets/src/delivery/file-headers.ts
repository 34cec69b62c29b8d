import type { ReplyHeaders } from "@plinth/core";
import { isDocument } from "./content-type.ts";
import type { Encoding } from "./encoding.ts";
import type { SiteFile } from "./manifest.ts";
import { maySet, type Place, SANDBOX } from "./origin.ts";

/** Quoted, of its own for each form of the bytes (RFC 9110, 8.8.3.3). */
export const etagOf = ({ hash }: SiteFile, encoding: Encoding | undefined): string => `"${hash.slice(0, 32)}${encoding === undefined ? "" : `-${encoding}`}"`;

/**
 * Headers of a whole file, the length of its bytes too. Made once for each form of its answers: not to be changed.
 * @param isSandboxed whether documents are kept from the origin that they share
 */
export function fileHeaders(file: SiteFile, encoding: Encoding | undefined, { origin }: Place, isSandboxed: boolean): Readonly<ReplyHeaders> {
  const form = `${encoding ?? ""} ${origin} ${isSandboxed}`;
  let headers = file.answered.get(form);
  if (headers === undefined) file.answered.set(form, (headers = makeHeaders(file, encoding, { origin }, isSandboxed)));
  return headers;
}

export const sizeOf = (file: SiteFile, encoding: Encoding | undefined): number => (encoding === undefined ? file.size : file.encoded[encoding]!);

function makeHeaders(file: SiteFile, encoding: Encoding | undefined, place: Pick<Place, "origin">, isSandboxed: boolean): ReplyHeaders {
  const headers: ReplyHeaders = { "content-type": file.type, "cache-control": file.cacheControl, etag: etagOf(file, encoding), "last-modified": file.updatedAt.toUTCString(), "accept-ranges": "bytes", "content-length": String(sizeOf(file, encoding)), "x-content-type-options": "nosniff" };
  for (const [name, value] of file.headers) if (maySet(name, place)) headers[name] = value;
  if (encoding !== undefined) headers["content-encoding"] = encoding;
  if (file.encoded.br !== undefined || file.encoded.gzip !== undefined) headers["vary"] = "Accept-Encoding";
  if (isSandboxed && isDocument(file.type)) {
    const own = headers["content-security-policy"];
    headers["content-security-policy"] = typeof own === "string" ? [own, SANDBOX] : SANDBOX;
  }
  return headers;
}
