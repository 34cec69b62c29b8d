import { createHash } from "node:crypto";
import { collectBytes, isUnchanged, reply } from "@plinth/core";
import type { StorageCall } from "../endpoint/storage-call.ts";
import { STORAGE_ERRORS } from "../errors.ts";
import { objectHeaders } from "../objects/download/object-headers.ts";
import { noBytes, type SendOptions } from "../objects/download/send-object.ts";
import type { ObjectRow } from "../objects/stored-object-row.ts";
import { StorageError } from "../storage-error.ts";
import { isNegotiated, outputFormat } from "./image-format.ts";
import { type ImageLibrary, loadSharp } from "./load-sharp.ts";
import type { RenderedImage } from "./render-image.ts";
import { imgproxySegments, type Transformation } from "./transformation.ts";

/**
 * An image as the transformation makes it, by the request's conditions.
 * @throws StorageError of what can't be made (`renderImage`); NoSuchKey where there are no bytes
 */
export async function sendImage(call: StorageCall, object: ObjectRow, transformation: Transformation, options: SendOptions): Promise<Response> {
  const { headers, method } = call.request;
  const config = call.storage.config.imageTransformation;
  const library = await loadSharp();
  const output = outputFormat(transformation, headers.get("accept"), config);
  const segments = imgproxySegments(transformation);
  const etag = etagOf([object.version, output ?? "", ...segments, String(config.maxAnimationFrames), library.version]);
  const sent = imageHeaders(object, etag, options, { ...(segments.length === 0 ? {} : { "x-transformations": segments.join(",") }), ...(isNegotiated(transformation, config) ? { vary: "Accept" } : {}) });
  const lastModified = object.metadata?.lastModified;
  if (isUnchanged(headers, { etag, lastModified: lastModified === undefined ? undefined : new Date(lastModified) })) return reply(null, { status: 304, headers: sent });
  const image = await imageOf(call, object, { transformation, output, key: etag, library });
  if (image !== undefined) return reply(method === "HEAD" ? null : image.bytes, { headers: { ...sent, "content-type": image.mimeType, "content-length": String(image.bytes.length) } });
  const now = await options.again();
  if (now.version === object.version) throw noBytes();
  return sendImage(call, now, transformation, options);
}

/** Of all that its bytes depend on: so it is known before they are. */
const etagOf = (parts: readonly (string | null)[]): string => `"${createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32)}"`;

function imageHeaders({ metadata }: ObjectRow, etag: string, options: SendOptions, more: Readonly<Record<string, string>>): Record<string, string> {
  const { "accept-ranges": _, "content-type": __, "content-security-policy": ___, ...headers } = objectHeaders({ ...metadata, eTag: etag }, options);
  return { ...headers, ...more };
}

interface ImageWanted {
  readonly transformation: Transformation;
  readonly output: "avif" | "webp" | undefined;
  readonly key: string;
  readonly library: ImageLibrary;
}

async function imageOf({ storage, signal, context }: StorageCall, { version, metadata }: ObjectRow, wanted: ImageWanted): Promise<RenderedImage | undefined> {
  const { maxSrcFileSize, ...limits } = storage.config.imageTransformation;
  if (version === null) return undefined;
  if ((metadata?.size ?? 0) > maxSrcFileSize) throw new StorageError(STORAGE_ERRORS.imageFileSize);
  const project = context.tenant.project.uid;
  const read = (signalOfAll: AbortSignal) => readBytes(storage, version, maxSrcFileSize, signalOfAll);
  return storage.images.render({ ...wanted, key: `${project} ${wanted.key}`, project, limits, read }, signal);
}

async function readBytes({ store, keyOf }: StorageCall["storage"], version: string, most: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const stream = await store.get(keyOf(version), { signal });
  if (stream === undefined) return undefined;
  // Its row may say anything of its size.
  return collectBytes(stream, { maxBytes: most, tooLarge: () => new StorageError(STORAGE_ERRORS.imageFileSize) });
}
