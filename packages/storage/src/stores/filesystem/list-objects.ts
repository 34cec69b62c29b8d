import type { Dirent } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import path from "node:path";
import type { ListedObject } from "@plinth/core";
import { isKeyPart } from "../object-key.ts";
import { ifPresent } from "./disk-error.ts";
import { shardOf } from "./object-directory.ts";
import { sizeOf } from "./open-object.ts";

/** Files looked at at once. */
const AHEAD = 64;

/** Objects below a directory in the order of their keys, holding the names of one shard at a time. Links are passed over. */
export async function* listObjects(directory: string, prefix: string): AsyncGenerator<ListedObject, void> {
  const entries = await directoriesIn(directory);
  const folders = entries.filter(isKeyPart).sort(bySlash);
  const shards = entries.filter((name) => name.startsWith(".")).sort();
  let next = 0;
  const foldersBefore = async function* (name: string | undefined): AsyncGenerator<ListedObject, void> {
    for (let folder = folders[next]; folder !== undefined && (name === undefined || `${folder}/` < name); folder = folders[(next += 1)]) {
      yield* listObjects(path.join(directory, folder), `${prefix}${folder}/`);
    }
  };
  for (const shard of shards) {
    for await (const { name, ...object } of filesOf(path.join(directory, shard), shard)) {
      yield* foldersBefore(name);
      yield { key: `${prefix}${name}`, ...object };
    }
  }
  yield* foldersBefore(undefined);
}

/** A folder's objects come where its name with a slash would: "a-b" < "a/x" < "a0". */
const bySlash = (one: string, other: string): number => (`${one}/` < `${other}/` ? -1 : 1);

async function directoriesIn(directory: string): Promise<readonly string[]> {
  return (await entriesOf(directory)).filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function entriesOf(directory: string): Promise<readonly Dirent[]> {
  return (await ifPresent(readdir(directory, { withFileTypes: true }))) ?? [];
}

type NamedObject = Omit<ListedObject, "key"> & { readonly name: string };

async function* filesOf(directory: string, shard: string): AsyncGenerator<NamedObject, void> {
  const entries = await entriesOf(directory);
  const names = entries.filter((entry) => entry.isFile() && isKeyPart(entry.name) && shardOf(entry.name) === shard).map(({ name }) => name).sort();
  for (let from = 0; from < names.length; from += AHEAD) {
    const objects = await Promise.all(names.slice(from, from + AHEAD).map((name) => namedObject(directory, name)));
    for (const object of objects) if (object !== undefined) yield object;
  }
}

async function namedObject(directory: string, name: string): Promise<NamedObject | undefined> {
  const stats = await ifPresent(lstat(path.join(directory, name)));
  return stats?.isFile() === true && sizeOf(stats) >= 0 ? { name, size: sizeOf(stats), lastModified: stats.mtime } : undefined;
}
