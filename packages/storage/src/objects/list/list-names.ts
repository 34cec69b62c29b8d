import type { StorageWork } from "../../endpoint/storage-call.ts";
import { STORAGE_ERRORS } from "../../errors.ts";
import { StorageError } from "../../storage-error.ts";
import { flatStatement } from "./flat-statement.ts";
import { type Entry, type ListedObject, toEntries } from "./listed-object.ts";
import { compareNames, LAST, nameAfter } from "./name-key.ts";
import { BY_INDEX, type Order, scanStatement } from "./scan-statement.ts";

/** Which of a bucket's names, by their bytes. */
export interface NamesQuery {
  readonly bucket: string;
  /** How they begin. Default: any. */
  readonly prefix?: string | undefined;
  /** Names that have it after the prefix are one entry, the part up to it: S3's common prefixes. Default: none. */
  readonly delimiter?: string | undefined;
  /** Only what comes after it: a name, or a common prefix, whose names don't come then. Default: all. */
  readonly startAfter?: string | undefined;
  /** Default: "asc". */
  readonly order?: Order | undefined;
  /** Entries, objects and common prefixes together: 0 to 1,000. */
  readonly limit: number;
}

export interface NamesPage {
  readonly objects: readonly ListedObject[];
  /** With the delimiter at their ends. */
  readonly commonPrefixes: readonly string[];
  /** `startAfter` of the next page; undefined where there is none. */
  readonly next: string | undefined;
}

/**
 * Objects that the caller may see, with `delimiter` the common prefixes of those below it, in one round trip. A bucket that
 * isn't there has none.
 * @throws StorageError InvalidParameter where there is NUL in a text, which no name can have
 */
export async function listNames(work: StorageWork, { bucket, prefix = "", delimiter = "", startAfter, order = "asc", limit }: NamesQuery): Promise<NamesPage> {
  if ([prefix, delimiter, startAfter].some((text) => text?.includes("\0"))) throw new StorageError(STORAGE_ERRORS.invalidParameter, { message: "Names have no NUL in them" });
  if (limit === 0) return { objects: [], commonPrefixes: [], next: undefined };
  const seek = seekOf(prefix, delimiter, order, startAfter);
  // One more than asked for: whether there are more.
  const range = { bucket, prefix, seek, order, limit: limit + 1 };
  const statement = delimiter === "" ? flatStatement(range) : scanStatement({ ...range, delimiter, key: "name", offset: 0 });
  const [, result] = await work.query("caller", [BY_INDEX, statement], { readOnly: true });
  const found = toEntries(result!);
  const entries = found.slice(0, limit);
  const nameOf = (entry: Entry): string => (entry.kind === "object" ? entry.object.name : commonPrefix(entry.ofName, prefix, delimiter));
  return {
    objects: entries.flatMap((entry) => (entry.kind === "object" ? entry.object : [])),
    commonPrefixes: entries.flatMap((entry) => (entry.kind === "folder" ? nameOf(entry) : [])),
    next: found.length > limit ? nameOf(entries.at(-1)!) : undefined,
  };
}

/** The part of a name up to the delimiter, where that is. */
export const commonPrefix = (name: string, prefix: string, delimiter: string): string => name.slice(0, name.indexOf(delimiter, prefix.length) + delimiter.length);

function seekOf(prefix: string, delimiter: string, order: Order, startAfter: string | undefined): string {
  if (startAfter === undefined || startAfter === "") return order === "asc" ? prefix : prefix + LAST;
  if (order === "desc") return [startAfter, prefix + LAST].sort(compareNames)[0]!;
  const end = delimiter === "" || !startAfter.startsWith(prefix) ? -1 : startAfter.indexOf(delimiter, prefix.length);
  const isFolder = end >= 0 && end + delimiter.length === startAfter.length;
  return [isFolder ? startAfter + LAST : nameAfter(startAfter), prefix].sort(compareNames)[1]!;
}
