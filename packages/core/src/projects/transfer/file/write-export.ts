import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import type { DatabaseFacts } from "../database/database-facts.ts";
import type { DumpPart } from "../database/dump-part.ts";
import type { FilePart } from "../files/file-part.ts";
import { type ExportedKeys, sealKeys } from "./export-keys.ts";
import { FrameWriter } from "./frame.ts";
import { gzipMembers } from "./gzip-members.ts";
import type { Manifest } from "./manifest.ts";

export interface ExportContents {
  /** What is known before the database is read. */
  readonly manifest: (facts: DatabaseFacts) => Manifest;
  readonly parts: AsyncIterable<DumpPart | FilePart>;
  /** Undefined: left out. */
  readonly keys: { readonly keys: ExportedKeys; readonly passphrase: string } | undefined;
  /** Called once, when all is written or nobody reads any further. */
  readonly close: () => Promise<void>;
}

/** The export as a stream of bytes. A reader that is slow keeps the database waiting; one that goes away ends it. */
export function writeExport(contents: ExportContents): ReadableStream<Uint8Array> {
  return Readable.toWeb(Readable.from(gzipMembers(frames(contents)), { objectMode: false })) as ReadableStream<Uint8Array>;
}

type ExportPart = DumpPart | FilePart;

async function* frames({ manifest, parts, keys, close }: ExportContents): AsyncGenerator<Buffer> {
  const writer = new FrameWriter();
  const writers: { readonly [K in ExportPart["kind"]]: (part: Extract<ExportPart, { kind: K }>) => Buffer } = {
    facts: ({ facts }) => writer.json("manifest", manifest(facts)),
    schema: ({ section, script }) => writer.frame("schema", Buffer.from(script), { section }),
    tables: ({ tables }) => writer.json("tables", tables),
    rows: ({ table, bytes }) => writer.frame("rows", bytes, { table }),
    sequences: ({ sequences }) => writer.json("sequences", sequences),
    file: ({ service, name }) => writer.json("file", { service, name }),
    bytes: ({ bytes }) => writer.frame("bytes", bytes),
    files: ({ summary }) => writer.json("files", summary),
  };
  try {
    for await (const part of parts) yield (writers[part.kind] as (part: ExportPart) => Buffer)(part);
    if (keys) yield writer.frame("keys", await sealKeys(keys.keys, keys.passphrase, writer.digest.digest()));
    yield writer.json("end", { frames: writer.digest.count, digest: writer.digest.digest() });
  } finally {
    await close();
  }
}
