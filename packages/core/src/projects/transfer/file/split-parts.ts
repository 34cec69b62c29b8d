import type { DumpPart } from "../database/dump-part.ts";
import type { FilePart } from "../files/file-part.ts";
import { exportInvalid } from "./frame-reader.ts";

/** Pieces of the database, then those of files: the one to be read after the other. */
export interface SplitParts {
  readonly parts: AsyncIterable<DumpPart>;
  readonly files: AsyncIterable<FilePart>;
}

const FILE_KINDS: ReadonlySet<string> = new Set<FilePart["kind"]>(["file", "bytes", "files"]);
const isFilePart = (part: DumpPart | FilePart): part is FilePart => FILE_KINDS.has(part.kind);

/** Files begin with the first piece of one, and the database doesn't go on after them. */
export function splitParts(all: AsyncGenerator<DumpPart | FilePart>): SplitParts {
  let first: FilePart | undefined;
  async function* parts(): AsyncGenerator<DumpPart> {
    for (let next = await all.next(); next.done !== true; next = await all.next()) {
      if (isFilePart(next.value)) {
        first = next.value;
        return;
      }
      yield next.value;
    }
  }
  async function* files(): AsyncGenerator<FilePart> {
    if (first === undefined) return;
    yield first;
    for await (const part of all) {
      if (!isFilePart(part)) throw exportInvalid("The export has parts out of their order.");
      yield part;
    }
  }
  return { parts: parts(), files: files() };
}
