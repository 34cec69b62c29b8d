import { collectBytes } from "../../../http/collect-bytes.ts";
import type { Project } from "../../project.ts";
import type { ServiceFiles } from "../../../service/service-files.ts";
import { type FilePart, type FileSummary, MISSING_EXAMPLES } from "./file-part.ts";
import { inPieces, PIECE_BYTES } from "./in-pieces.ts";
import { inTurn } from "./in-turn.ts";
import type { ListedFile } from "./name-list.ts";

/** Files that are read ahead, where each is small: in a store that is far away most of the time is spent on waiting. */
const AHEAD = 8;
/** What counts as small, in bytes. */
const SMALL = 256 * 1024;

type Content = AsyncIterable<Uint8Array> | Uint8Array | undefined;

/** The files of a list with their bytes. What is not there any more is told in the end. */
export async function* readFiles(services: ReadonlyMap<string, ServiceFiles>, project: Pick<Project, "uid" | "ref">, names: AsyncIterable<ListedFile>): AsyncGenerator<FilePart> {
  const read = (file: ListedFile): Promise<Content> => services.get(file.service)!.read(project, file.name);
  const summary = { count: 0, size: 0, missing: { count: 0, examples: [] as string[] } };
  for await (const { file, early } of inTurn(names, AHEAD, async (file) => ({ file, early: await readSmall(file, read) }))) {
    const content = early === "large" ? await read(file) : early;
    const { service, name } = file;
    if (content === undefined) {
      if (summary.missing.count++ < MISSING_EXAMPLES) summary.missing.examples.push(`${service}/${name}`);
      continue;
    }
    yield { kind: "file", service, name };
    summary.count += 1;
    for await (const bytes of inPieces(content instanceof Uint8Array ? one(content) : content)) {
      summary.size += bytes.length;
      yield { kind: "bytes", bytes };
    }
  }
  yield { kind: "files", summary: summary satisfies FileSummary };
}

class NotSmall extends Error {}

/** The row says how large it is, and may be wrong. */
async function readSmall(file: ListedFile, read: (file: ListedFile) => Promise<Content>): Promise<Uint8Array | undefined | "large"> {
  if (file.size === undefined || file.size > SMALL) return "large";
  const content = await read(file);
  if (content === undefined || content instanceof Uint8Array) return content;
  try {
    return await collectBytes(content, { maxBytes: PIECE_BYTES, tooLarge: () => new NotSmall() });
  } catch (error) {
    if (error instanceof NotSmall) return "large";
    throw error;
  }
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
