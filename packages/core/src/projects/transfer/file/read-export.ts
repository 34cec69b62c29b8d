import { z } from "zod";
import { BackendError } from "../../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../../errors/errors.ts";
import type { DumpPart } from "../database/dump-part.ts";
import { sequenceSchema, tableSchema } from "../database/table-list.ts";
import { type FilePart, fileSchema, fileSummarySchema } from "../files/file-part.ts";
import type { Frame, FrameKind } from "./frame.ts";
import { exportInvalid, FrameReader, parseJson } from "./frame-reader.ts";
import { anyManifestSchema, endSchema, EXPORT_VERSION, type Manifest, manifestSchema } from "./manifest.ts";
import { splitParts } from "./split-parts.ts";

/** Sealed keys, with what they were sealed for. */
export interface SealedKeys {
  readonly sealed: Buffer;
  readonly digest: string;
}

/** An export being read. */
export interface OpenExport {
  readonly manifest: Manifest;
  /** To be read once, to its end. */
  readonly parts: AsyncIterable<DumpPart>;
  /** To be read once, after the parts, to its end: only then is it known that the export is whole. */
  readonly files: AsyncIterable<FilePart>;
  /** Once the files were read. */
  keys(): SealedKeys | undefined;
  /** For one that is not read to its end. */
  close(): Promise<void>;
}

/**
 * Reads an export as far as its manifest.
 * @throws BackendError PLINTH_EXPORT_INVALID, here and from the parts
 */
export async function readExport(source: AsyncIterable<Uint8Array>): Promise<OpenExport> {
  const reader = new FrameReader(source);
  const frames = reader[Symbol.asyncIterator]();
  const close = async (): Promise<void> => void (await frames.return?.(undefined));
  try {
    const first = await frames.next();
    if (first.done) throw exportInvalid("The export is empty.");
    const manifest = readManifest(first.value);
    const end: { keys?: SealedKeys } = {};
    return { manifest, ...splitParts(readParts(reader, frames, manifest, end)), keys: () => end.keys, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function readManifest({ header, body }: Frame): Manifest {
  const json = header.kind === "manifest" ? parseJson(body.toString("utf8")) : undefined;
  const any = anyManifestSchema.safeParse(json);
  if (!any.success) throw exportInvalid("This is not an export of a project.", any.error);
  if (any.data.version > EXPORT_VERSION) {
    throw new BackendError(CORE_ERRORS.exportInvalid, {
      message: `The export has the format ${any.data.version}, and this version of Plinth reads formats up to ${EXPORT_VERSION}.`,
      hint: "Import it with a version of Plinth that is as new as the one that it was exported with.",
    });
  }
  return parsed(manifestSchema, json, "manifest");
}

async function* readParts(reader: FrameReader, frames: AsyncIterator<Frame>, { database, contains }: Manifest, end: { keys?: SealedKeys }): AsyncGenerator<DumpPart | FilePart> {
  const { kind: _kind, loginRole: _loginRole, ...facts } = database;
  let [ended, hasFiles] = [false, false];
  try {
    yield { kind: "facts", facts };
    for (;;) {
      const next = await frames.next();
      if (next.done) break;
      if (ended) throw exportInvalid("The export goes on after its end.");
      const { header, body } = next.value;
      // The frame itself is added when the next one is asked for.
      const before = header.kind === "keys" || header.kind === "end" ? reader.digest.digest() : "";
      if (header.kind === "files") hasFiles = true;
      if (header.kind === "keys") end.keys = { sealed: body, digest: before };
      else if (header.kind === "end") ended = checkEnd(body, reader.digest.count, before);
      else yield toPart(next.value);
    }
  } finally {
    await frames.return?.(undefined);
  }
  if (!ended) throw exportInvalid("The export has been cut off.");
  if (contains.keys !== (end.keys !== undefined) || (contains.files !== null) !== hasFiles) throw exportInvalid("The export has not what its manifest says.");
}

function checkEnd(body: Buffer, frames: number, digest: string): true {
  const end = parsed(endSchema, parseJson(body.toString("utf8")), "end");
  if (end.frames !== frames || end.digest !== digest) throw exportInvalid("The export has been changed: parts of it are missing, or were put in.");
  return true;
}

const PARTS: { readonly [K in Exclude<FrameKind, "manifest" | "keys" | "end">]: (frame: Frame) => DumpPart | FilePart } = {
  schema: ({ header, body }) => ({ kind: "schema", section: header.section ?? "pre-data", script: body.toString("utf8") }),
  tables: ({ body }) => ({ kind: "tables", tables: parsed(z.array(tableSchema), parseJson(body.toString("utf8")), "tables") }),
  rows: ({ header, body }) => ({ kind: "rows", table: header.table ?? -1, bytes: body }),
  sequences: ({ body }) => ({ kind: "sequences", sequences: parsed(z.array(sequenceSchema), parseJson(body.toString("utf8")), "sequences") }),
  file: ({ body }) => ({ kind: "file", ...parsed(fileSchema, parseJson(body.toString("utf8")), "file") }),
  bytes: ({ body }) => ({ kind: "bytes", bytes: body }),
  files: ({ body }) => ({ kind: "files", summary: parsed(fileSummarySchema, parseJson(body.toString("utf8")), "files") }),
};

function toPart(frame: Frame): DumpPart | FilePart {
  const { kind } = frame.header;
  if (kind === "manifest" || kind === "keys" || kind === "end") throw exportInvalid("The export has parts out of their order.");
  return PARTS[kind](frame);
}

function parsed<T>(schema: z.ZodType<T>, json: unknown, part: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw exportInvalid(`The export's part "${part}" is not what it should be: ${z.prettifyError(result.error)}`, result.error);
}
