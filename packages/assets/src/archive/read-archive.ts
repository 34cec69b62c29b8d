import { PassThrough, pipeline, Readable, Transform } from "node:stream";
import { createGunzip } from "node:zlib";
import { BackendError } from "@plinth/core";
import { extract, type Header } from "tar-stream";
import { ASSETS_ERRORS } from "../errors.ts";
import type { UploadedFile } from "../files/site-upload.ts";
import { entryPath } from "./entry-path.ts";

export interface ArchiveLimits {
  /** Files that are taken. Folders count as well, ten to a file. */
  readonly maxFiles: number;
  /** Of the unpacked archive. */
  readonly maxBytes: number;
}

/** gzip makes a thousandth of zeros at best; of a site that is meant, a tenth. */
const MAX_RATIO = 200;
/** Up to so many bytes the ratio says nothing. */
const RATIO_FROM = 4 * 1_048_576;
/** What an entry takes besides its bytes: its header, and how it is filled up. */
const ENTRY_BYTES = 4_096;

/**
 * The files of a .tar.gz or .tar, one after the other: each is to be read before the next. Nothing is unpacked to disk.
 * @throws BackendError PLINTH_ASSETS_ARCHIVE_INVALID where it is none, or is cut off; PLINTH_ASSETS_ARCHIVE_REFUSED for links, devices,
 * sparse files, paths that lead elsewhere, and for what unpacks to too much; what `source` throws
 */
export async function* readArchive(source: AsyncIterable<Uint8Array>, limits: ArchiveLimits): AsyncGenerator<UploadedFile, void> {
  let failed: { readonly cause: unknown } | undefined;
  const tar = extract();
  const packed = { bytes: 0 };
  const { first, all } = await begin(source);
  const given = Readable.from(watched(all, packed, (cause) => (failed = { cause })));
  const isZipped = first[0] === 0x1f && first[1] === 0x8b;
  pipeline([given, isZipped ? createGunzip() : new PassThrough(), bounded(limits, packed), tar as unknown as NodeJS.WritableStream], () => undefined);
  const explain = (cause: unknown): unknown => {
    if (failed !== undefined) return failed.cause;
    return cause instanceof BackendError ? cause : new BackendError(ASSETS_ERRORS.archiveInvalid, { message: `The archive can't be read: ${(cause as Error).message}`, cause });
  };
  try {
    let entries = 0;
    for await (const entry of tar) {
      if (++entries > limits.maxFiles * 10) throw new BackendError(ASSETS_ERRORS.releaseTooLarge, { message: "The archive has too many entries." });
      const path = pathOf(entry.header);
      // Errors of the archive are met where its files are read as well.
      const content = chunksOf(entry as unknown as AsyncIterable<Uint8Array>, explain);
      if (path !== undefined) yield { path, content };
      else await skip(content);
    }
  } catch (cause) {
    throw explain(cause);
  } finally {
    given.destroy();
  }
  if (failed !== undefined) throw failed.cause;
}

/** Looks at the beginning of what comes. */
async function begin(source: AsyncIterable<Uint8Array>): Promise<{ first: Uint8Array; all: AsyncGenerator<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]();
  let first: Uint8Array = new Uint8Array(0);
  let done = false;
  while (first.byteLength < 2 && !done) {
    const next = await iterator.next();
    done = next.done ?? false;
    if (!next.done) first = Buffer.concat([first, next.value]);
  }
  const all = async function* (): AsyncGenerator<Uint8Array> {
    yield first;
    if (!done) yield* { [Symbol.asyncIterator]: () => iterator };
  };
  return { first, all: all() };
}

/** What a client has done wrong is not the archive's. */
async function* watched(source: AsyncIterable<Uint8Array>, packed: { bytes: number }, onError: (cause: unknown) => void): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of source) {
      packed.bytes += chunk.byteLength;
      if (chunk.byteLength > 0) yield chunk;
    }
  } catch (cause) {
    onError(cause);
    throw cause;
  }
}

function bounded({ maxBytes, maxFiles }: ArchiveLimits, packed: { readonly bytes: number }): Transform {
  const most = maxBytes + maxFiles * ENTRY_BYTES;
  let bytes = 0;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.byteLength;
      if (bytes > most) return done(new BackendError(ASSETS_ERRORS.releaseTooLarge, { message: `The archive unpacks to more than ${maxBytes} bytes.` }));
      if (bytes > RATIO_FROM && bytes > packed.bytes * MAX_RATIO) return done(new BackendError(ASSETS_ERRORS.archiveRefused, { message: `The archive unpacks to more than ${MAX_RATIO} times its size.` }));
      return done(null, chunk);
    },
  });
}

const REFUSED: Readonly<Record<string, string>> = { link: "a link", symlink: "a link", "character-device": "a device", "block-device": "a device", fifo: "a pipe" };

/** Of a file; undefined: a folder, which needs no entry. */
function pathOf({ name, type, pax }: Header): string | undefined {
  const path = entryPath(name);
  if (type === "directory") return undefined;
  const sparse = Object.keys(pax ?? {}).some((key) => key.startsWith("GNU.sparse"));
  if (type === "file" && !sparse && path !== "") return path;
  const what = sparse ? "a sparse file" : (REFUSED[type ?? ""] ?? "of a kind that isn't known");
  throw new BackendError(ASSETS_ERRORS.archiveRefused, { message: `${JSON.stringify(name.slice(0, 200))} is ${what}: a release has plain files alone.` });
}

async function* chunksOf(entry: AsyncIterable<Uint8Array>, explain: (cause: unknown) => unknown): AsyncGenerator<Uint8Array, void> {
  try {
    yield* entry;
  } catch (cause) {
    throw explain(cause);
  }
}

async function skip(entry: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _chunk of entry);
}
