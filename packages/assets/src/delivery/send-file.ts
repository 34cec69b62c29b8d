import { BackendError, type ByteRange, byteRange, isRangeWanted, isUnchanged, reply, type ReplyBody, type ReplyHeaders, type Validators } from "@plinth/core";
import { ASSETS_ERRORS } from "../errors.ts";
import type { TenantSite } from "../tenant-site.ts";
import { chooseEncoding, type Encoding } from "./encoding.ts";
import { fileHeaders, sizeOf } from "./file-headers.ts";
import type { SiteFile } from "./manifest.ts";
import type { Place } from "./origin.ts";

export interface FileToSend {
  readonly file: SiteFile;
  readonly status: 200 | 404;
  /** Whether another Accept gets another answer. */
  readonly variesByAccept?: true;
  readonly place: Place;
}

/**
 * A file by the request's conditions, range and encodings.
 * @returns undefined where its bytes are gone: it was deleted since the manifest was read
 * @throws BackendError PLINTH_ASSETS_INVALID_RANGE
 */
export async function sendFile(request: Request, site: TenantSite, { file, status, variesByAccept, place }: FileToSend): Promise<Response | undefined> {
  const { headers, method } = request;
  const isWhole = status !== 200 || method !== "GET" || !headers.has("range");
  const encoding = isWhole ? chooseEncoding(headers.get("accept-encoding"), file.encoded) : undefined;
  const usual = fileHeaders(file, encoding, place, isSandboxed(site, place));
  const sent = variesByAccept ? { ...usual, vary: usual["vary"] === undefined ? "Accept" : `${String(usual["vary"])}, Accept` } : usual;
  if (status === 404) return missing(request, site, file, encoding, sent);
  const validators: Validators = { etag: sent["etag"] as string, lastModified: file.updatedAt };
  if (isUnchanged(headers, validators)) return reply(null, { status: 304, headers: withoutContent(sent) });
  const part = isWhole || !isRangeWanted(headers, validators) ? undefined : byteRange(headers.get("range"), file.size);
  if (part === "unsatisfiable") throw new BackendError(ASSETS_ERRORS.invalidRange, { headers: { "content-range": `bytes */${file.size}` } });
  const body = method === "HEAD" ? null : await bodyOf(site, file, { encoding, part, size: sizeOf(file, encoding), signal: request });
  if (body === undefined) return undefined;
  return part === undefined ? reply(body, { headers: sent }) : reply(body, { status: 206, headers: { ...sent, ...partHeaders(part, file.size) } });
}

const isSandboxed = ({ config }: TenantSite, { origin }: Place): boolean => origin === "shared" && config.htmlOnSharedOrigin === "sandbox";

/** A page that says that there is nothing: without what would make a client keep it. */
async function missing(request: Request, site: TenantSite, file: SiteFile, encoding: Encoding | undefined, headers: Readonly<ReplyHeaders>): Promise<Response | undefined> {
  const { etag: _etag, "last-modified": _modified, "accept-ranges": _ranges, ...sent } = headers;
  const size = sizeOf(file, encoding);
  const body = request.method === "HEAD" ? null : await bodyOf(site, file, { encoding, part: undefined, size, signal: request });
  return body === undefined ? undefined : reply(body, { status: 404, headers: { ...sent, "cache-control": "public, max-age=0, must-revalidate" } });
}

const partHeaders = ({ start, end }: ByteRange, size: number): Record<string, string> => ({ "content-length": String(end - start + 1), "content-range": `bytes ${start}-${end}/${size}` });

function withoutContent(headers: Readonly<ReplyHeaders>): ReplyHeaders {
  const { "content-type": _type, "content-length": _length, "content-encoding": _encoding, ...rest } = headers;
  return rest;
}

interface Wanted {
  readonly encoding: Encoding | undefined;
  readonly part: ByteRange | undefined;
  readonly size: number;
  /** The request's signal costs something to make: only streams ask for it. */
  readonly signal: Pick<Request, "signal">;
}

async function bodyOf(site: TenantSite, file: SiteFile, { encoding, part, size, signal }: Wanted): Promise<ReplyBody | undefined> {
  const key = site.keyOf(file.blob, encoding);
  if (size <= site.bytes.maxEach) {
    const bytes = await site.bytes.read(site.store, key);
    return part === undefined ? bytes : bytes?.subarray(part.start, part.end + 1);
  }
  return site.store.get(key, { range: part, signal: signal.signal });
}
