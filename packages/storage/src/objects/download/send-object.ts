import { type ByteRange, byteRange, isRangeWanted, isUnchanged, reply, type ReplyBody, type Validators } from "@plinth/core";
import type { StorageCall } from "../../endpoint/storage-call.ts";
import { STORAGE_ERRORS } from "../../errors.ts";
import { StorageError } from "../../storage-error.ts";
import type { ObjectRow } from "../stored-object-row.ts";
import { type HeaderOptions, objectHeaders } from "./object-headers.ts";

export interface SendOptions extends HeaderOptions {
  /** For an object that was written anew since its row was read: looks for it once more. */
  readonly again: () => Promise<ObjectRow>;
}

/**
 * An object's bytes, by the request's conditions and range.
 * @throws StorageError InvalidRange; NoSuchKey where there are no bytes
 */
export async function sendObject(call: StorageCall, object: ObjectRow, options: SendOptions): Promise<Response> {
  const { headers, method } = call.request;
  const validators = validatorsOf(object);
  const sent = objectHeaders(object.metadata ?? {}, options);
  if (isUnchanged(headers, validators)) return reply(null, { status: 304, headers: without(sent, "content-type") });
  const size = object.metadata?.size ?? (await sizeOf(call, object));
  const part = method === "GET" && isRangeWanted(headers, validators) ? byteRange(headers.get("range"), size) : undefined;
  if (part === "unsatisfiable") throw new StorageError(STORAGE_ERRORS.invalidRange, { headers: { "content-range": `bytes */${size}` } });
  const whole = { ...sent, ...lengthHeaders(size, part) };
  const body = method === "HEAD" ? null : await bytesOf(call, object, part, size);
  if (body !== undefined) return reply(body, { status: part === undefined ? 200 : 206, headers: whole });
  const now = await options.again();
  if (now.version === object.version) throw noBytes();
  return sendObject(call, now, options);
}

const validatorsOf = ({ metadata }: ObjectRow): Validators => ({ etag: metadata?.eTag, lastModified: metadata?.lastModified === undefined ? undefined : new Date(metadata.lastModified) });

const lengthHeaders = (size: number, part: ByteRange | undefined): Record<string, string> =>
  part === undefined ? { "content-length": String(size) } : { "content-length": String(part.end - part.start + 1), "content-range": `bytes ${part.start}-${part.end}/${size}` };

export const noBytes = (): StorageError => new StorageError(STORAGE_ERRORS.noSuchKey, { message: "The resource was not found", headers: { "cache-control": "no-store" } });

/** @returns undefined where there are none */
async function bytesOf({ storage, signal }: StorageCall, { version }: ObjectRow, range: ByteRange | undefined, size: number): Promise<ReplyBody | undefined> {
  if (version === null) return undefined;
  const length = range === undefined ? size : range.end - range.start + 1;
  if (length === 0) return new Uint8Array(0);
  const key = storage.keyOf(version);
  if (size > storage.bytes.maxEach) return storage.store.get(key, { range, signal });
  // What is small is read before it is sent, as a stream costs more. Its row may say anything of its size.
  const whole = await storage.bytes.read(storage.store, key, { maxBytes: storage.bytes.maxEach, tooLarge: noBytes });
  return range === undefined ? whole : whole?.subarray(range.start, range.end + 1);
}

/** Of a row that says nothing of it. */
async function sizeOf({ storage }: StorageCall, { version }: ObjectRow): Promise<number> {
  const stored = version === null ? undefined : await storage.store.head(storage.keyOf(version));
  if (stored === undefined) throw noBytes();
  return stored.size;
}

function without(headers: Record<string, string>, name: string): Record<string, string> {
  const { [name]: _, ...rest } = headers;
  return rest;
}
