import { lstat, mkdir, realpath, rename } from "node:fs/promises";
import path from "node:path";
import { BackendError } from "@plinth/core";
import { assertObjectKey } from "../object-key.ts";
import { codeOf, diskError, ifPresent, isAbsent } from "./disk-error.ts";
import { DiskFile } from "./disk-file.ts";
import { CREATE, type NewFile } from "./object-writer.ts";

/** Objects of one prefix lie in directories by the first characters of their names: a million of random ids in 256 of some 4,000. */
const SHARD = 2;

/** How often a directory is made again that somebody else removes right then, since it is empty. */
const ATTEMPTS = 100;

/** Those of 256 projects. */
const MAX_KNOWN = 65_536;

export const UPLOADS = ".uploads";

/** Where a key's object lies: `p/q/name` in `p/q/.na/name`. No key's part has a dot, so that none can be a shard, or the other way round. */
export interface ObjectPlace {
  readonly directory: string;
  readonly file: string;
}

export const shardOf = (name: string): string => `.${name.slice(0, SHARD)}`;

/** The directory that everything is in, and the only place where keys become paths. */
export class ObjectDirectory {
  readonly #given: string;
  readonly #fsync: boolean;
  /** Directories that were seen to be there, and no links: to look each time would cost more than to write a small file. */
  readonly #known = new Set<string>();
  #opened: Promise<string> | undefined;

  constructor(directory: string, fsync: boolean) {
    this.#given = path.resolve(directory);
    this.#fsync = fsync;
  }

  /** Its path without links, made on first use. One that is gone later isn't made again: its disk may be away. */
  root(): Promise<string> {
    this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = undefined;
      throw diskError(error);
    });
    return this.#opened;
  }

  /** @throws TypeError where it is no key */
  async place(key: string): Promise<ObjectPlace> {
    assertObjectKey(key);
    const parts = key.split("/");
    const name = parts.pop() ?? "";
    const directory = path.join(await this.root(), ...parts, shardOf(name));
    return { directory, file: path.join(directory, name) };
  }

  async prefix(key: string): Promise<string> {
    assertObjectKey(key);
    return path.join(await this.root(), ...key.split("/"));
  }

  async uploads(): Promise<string> {
    return path.join(await this.root(), UPLOADS);
  }

  /**
   * Whether a directory is there, as far as is known: `lost` says that it isn't any more. Somebody could have put a link in
   * the place of one on the way to it, before it was first looked for.
   *
   * @throws BackendError PLINTH_STORE_UNAVAILABLE where that leads elsewhere
   */
  async has(directory: string): Promise<boolean> {
    if (this.#known.has(directory)) return true;
    const isThere = await this.#look(directory);
    if (isThere) this.#remember(directory);
    return isThere;
  }

  /**
   * After something was not found: there is nothing below a directory that is gone itself, but that says nothing of what there was.
   * @throws BackendError PLINTH_STORE_UNAVAILABLE where it is gone
   */
  async assertThere(): Promise<void> {
    const root = await this.root();
    if ((await ifPresent(lstat(root))) === undefined) throw diskError(new Error(`${root} is gone.`));
  }

  /** After something below it was not found: it may have been removed, and those that it was in. */
  lost(directory: string): void {
    for (let each = directory; each.length > this.#given.length; each = path.dirname(each)) this.#known.delete(each);
  }

  #remember(directory: string): void {
    if (this.#known.size === MAX_KNOWN) this.#known.clear();
    this.#known.add(directory);
  }

  async #look(directory: string): Promise<boolean> {
    const real = await ifPresent(realpath(directory));
    if (real !== undefined && real !== directory) throw diskError(new Error(`${directory} leads to ${real}: a link within the store isn't followed.`));
    return real !== undefined;
  }

  /** Puts a file that was written whole in a key's place, in one step. */
  async publish(temporary: string, { directory, file }: ObjectPlace): Promise<void> {
    await this.#within(directory, () => rename(temporary, file));
    await this.sync(directory);
  }

  /** @returns undefined where there is something in the key's place already */
  async create({ directory, file }: ObjectPlace): Promise<NewFile | undefined> {
    try {
      return { path: file, file: await this.#within(directory, () => DiskFile.open(file, CREATE)) };
    } catch (error) {
      if (error instanceof BackendError && codeOf(error.cause) === "EEXIST") return undefined;
      throw error;
    }
  }

  /** Does something in a directory, which is made where it isn't there. */
  async #within<T>(directory: string, work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        if (!(await this.has(directory))) await this.#make(directory);
        return await work();
      } catch (error) {
        // Emptied directories are removed now and then, maybe right now.
        if (!isAbsent(error) || attempt === ATTEMPTS) throw diskError(error);
        this.lost(directory);
      }
    }
  }

  /** Makes names in a directory outlast a power failure. */
  async sync(directory: string): Promise<void> {
    if (!this.#fsync) return;
    const handle = await ifPresent(DiskFile.open(directory, "r"));
    // Emptied and removed since: there is nothing left to be kept.
    if (handle === undefined) return;
    try {
      await handle.sync();
    } catch (error) {
      // Some file systems have no such thing for directories.
      if (!["EINVAL", "EISDIR", "EPERM", "ENOTSUP"].includes(codeOf(error) ?? "")) throw diskError(error);
    } finally {
      await handle.close();
    }
  }

  async #make(directory: string): Promise<void> {
    const parent = path.dirname(directory);
    if (parent.length < (await this.root()).length) return;
    if (!(await this.has(parent))) await this.#make(parent);
    try {
      await mkdir(directory, { mode: 0o700 });
    } catch (error) {
      if (codeOf(error) === "EEXIST") return;
      this.lost(parent);
      throw error;
    }
    await this.sync(parent);
  }

  async #open(): Promise<string> {
    await mkdir(this.#given, { recursive: true, mode: 0o700 });
    const root = await realpath(this.#given);
    const uploads = path.join(root, UPLOADS);
    await mkdir(uploads, { mode: 0o700 }).catch((error: unknown) => {
      if (codeOf(error) !== "EEXIST") throw error;
    });
    if (!(await lstat(uploads)).isDirectory()) throw new Error(`${uploads} is no directory.`);
    await this.sync(root);
    return root;
  }
}
