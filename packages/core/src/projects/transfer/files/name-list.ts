import { createReadStream } from "node:fs";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import type { NamedFile, OwnerQuery, ServiceFiles } from "../../../service/service-files.ts";

export interface ListedFile extends NamedFile {
  readonly service: string;
}

/**
 * What the rows of a database name, of all services. The bytes are read long after the rows: there may be millions, so the
 * list is in a temporary file.
 */
export interface NameList extends AsyncIterable<ListedFile> {
  readonly count: number;
  /** Bytes, as far as the rows say. */
  readonly size: number;
  /** Idempotent. */
  remove(): Promise<void>;
}

/** Names that are written at once. */
const BATCH = 1_000;

/** @throws what the services and the database throw; then nothing is left of it */
export async function listNames(services: ReadonlyMap<string, ServiceFiles>, ask: OwnerQuery): Promise<NameList> {
  const writer = new NameWriter();
  try {
    for (const [service, files] of services) {
      for await (const { name, size } of files.named(ask)) await writer.add({ service, name, size });
    }
    return await writer.end();
  } catch (error) {
    await writer.remove();
    throw error;
  }
}

class NameWriter {
  #lines: string[] = [];
  #folder: string | undefined;
  #file: FileHandle | undefined;
  #count = 0;
  #size = 0;

  async add(file: ListedFile): Promise<void> {
    this.#count += 1;
    this.#size += file.size ?? 0;
    this.#lines.push(`${JSON.stringify(file)}\n`);
    if (this.#lines.length === BATCH) await this.#write();
  }

  async end(): Promise<NameList> {
    const remove = (): Promise<void> => this.remove();
    const [count, size] = [this.#count, this.#size];
    // Few are held, and the disk is left alone.
    if (this.#folder === undefined) {
      const lines = this.#lines;
      return { count, size, remove, [Symbol.asyncIterator]: () => parsed(lines) };
    }
    await this.#write();
    await this.#close();
    const file = fileIn(this.#folder);
    return { count, size, remove, [Symbol.asyncIterator]: () => parsed(createInterface({ input: createReadStream(file), crlfDelay: Infinity })) };
  }

  async remove(): Promise<void> {
    await this.#close();
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }

  async #write(): Promise<void> {
    // Only its owner gets into the folder.
    this.#folder ??= await mkdtemp(path.join(tmpdir(), "plinth-export-"));
    this.#file ??= await open(fileIn(this.#folder), "w", 0o600);
    await this.#file.write(this.#lines.join(""));
    this.#lines = [];
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}

const fileIn = (folder: string): string => path.join(folder, "names");

async function* parsed(lines: AsyncIterable<string> | Iterable<string>): AsyncGenerator<ListedFile> {
  for await (const line of lines) yield JSON.parse(line) as ListedFile;
}
