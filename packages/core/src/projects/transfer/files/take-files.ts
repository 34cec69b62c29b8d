import { BackendError } from "../../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../../errors/errors.ts";
import type { ServiceFiles } from "../../../service/service-files.ts";
import type { Project } from "../../project.ts";
import { exportInvalid } from "../file/frame-reader.ts";
import type { FilePart, FileSummary } from "./file-part.ts";

export interface FileTakers {
  readonly services: ReadonlyMap<string, ServiceFiles>;
  readonly project: Pick<Project, "uid" | "ref">;
}

/** Small files that are written at once. A file is small where it is one piece. */
const AT_ONCE = 8;

/**
 * Has the services keep the files of an export, in whatever order they come. When it is done or has failed, nothing is
 * being written any more.
 * @returns undefined where there were none to be had
 * @throws BackendError PLINTH_EXPORT_INVALID, PLINTH_TRANSFER_FAILED; what the parts and the services throw
 */
export async function takeFiles(takers: FileTakers, parts: AsyncIterable<FilePart>): Promise<FileSummary | undefined> {
  const cursor = new Cursor(parts);
  const writes = new Writes();
  const found = { count: 0, size: 0 };
  try {
    await cursor.step();
    for (let part = cursor.part; part?.kind === "file"; part = cursor.part) {
      const write = writerOf(takers, part);
      found.count += 1;
      found.size += await takeOne(cursor, writes, write);
    }
    await writes.end();
  } finally {
    await writes.settled();
  }
  return endOf(cursor, found);
}

/** Reads on to the end without keeping anything. */
export async function passFiles(parts: AsyncIterable<FilePart>): Promise<undefined> {
  for await (const part of parts) void part;
  return undefined;
}

type Write = (bytes: AsyncIterable<Uint8Array> | Uint8Array) => Promise<void>;

function writerOf({ services, project }: FileTakers, { service, name }: Extract<FilePart, { kind: "file" }>): Write {
  const files = services.get(service);
  if (files === undefined) {
    throw new BackendError(CORE_ERRORS.transferFailed, { message: `The export has files of a service that there isn't here: ${JSON.stringify(service)}.`, hint: "Import it without files, or with a version of Plinth that has the service." });
  }
  if (!files.isName(name)) throw exportInvalid(`The export has a file of "${service}" with a name that it can't have: ${JSON.stringify(name)}.`);
  return (bytes) => files.write(project, name, bytes);
}

/** @returns how many bytes it has */
async function takeOne(cursor: Cursor, writes: Writes, write: Write): Promise<number> {
  await cursor.step();
  const first = cursor.part?.kind === "bytes" ? cursor.part.bytes : Buffer.alloc(0);
  if (cursor.part?.kind === "bytes") await cursor.step();
  if (cursor.part?.kind !== "bytes") {
    await writes.add(() => write(first));
    return first.length;
  }
  const counted = { size: 0 };
  await write(rest(cursor, first, counted));
  // Whoever hasn't read it all hasn't kept it.
  if (cursor.part?.kind === "bytes") throw new BackendError(CORE_ERRORS.transferFailed, { message: "A file of the export was not read to its end." });
  return counted.size;
}

async function* rest(cursor: Cursor, first: Buffer, counted: { size: number }): AsyncGenerator<Uint8Array> {
  counted.size += first.length;
  yield first;
  for (let part = cursor.part; part?.kind === "bytes"; part = cursor.part) {
    counted.size += part.bytes.length;
    yield part.bytes;
    await cursor.step();
  }
}

/** To be read to its end: only then is it known that the export is whole. */
async function endOf(cursor: Cursor, found: Pick<FileSummary, "count" | "size">): Promise<FileSummary | undefined> {
  const { part } = cursor;
  if (part === undefined && found.count === 0) return undefined;
  if (part?.kind !== "files" || part.summary.count !== found.count || part.summary.size !== found.size) throw exportInvalid("The export has not the files that it says it has.");
  await cursor.step();
  if (cursor.part !== undefined) throw exportInvalid("The export has parts out of their order.");
  return part.summary;
}

/** The present part of several, and the way to the next. */
class Cursor {
  readonly #parts: AsyncIterator<FilePart>;
  /** Undefined: there are no more. */
  part: FilePart | undefined;

  constructor(parts: AsyncIterable<FilePart>) {
    this.#parts = parts[Symbol.asyncIterator]();
  }

  async step(): Promise<void> {
    const { done, value } = await this.#parts.next();
    this.part = done === true ? undefined : value;
  }
}

/** Writes under way. */
class Writes {
  readonly #underWay = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  /** Begins one as soon as there is room. @throws what one before has thrown */
  async add(write: () => Promise<void>): Promise<void> {
    if (this.#underWay.size >= AT_ONCE) await Promise.race(this.#underWay);
    this.#check();
    const work = write()
      .catch((error: unknown) => void (this.#failure ??= { error }))
      .finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }

  async end(): Promise<void> {
    await this.settled();
    this.#check();
  }

  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
