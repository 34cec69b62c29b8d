import type { RawResult } from "@plinth/core";
import type { ObjectMetadata } from "../stored-object-row.ts";

/** An object, as lists show it. Times are ISO 8601. */
export interface ListedObject {
  readonly name: string;
  readonly id: string;
  readonly updated_at: string | null;
  readonly created_at: string | null;
  readonly last_accessed_at: string | null;
  /** Rows that others have written may lack what Storage writes. */
  readonly metadata: Partial<ObjectMetadata> | null;
}

/** A folder is known by an object in it. */
export type Entry = { readonly kind: "folder"; readonly ofName: string } | { readonly kind: "object"; readonly object: ListedObject };

/** An object as JSON. @param table that has its columns */
export const objectJson = (table: string): string => `json_build_object(${["name", "id", "updated_at", "created_at", "last_accessed_at", "metadata"].map((column) => `'${column}', ${table}.${column}`).join(", ")})`;

/** Rows of what an entry is, "folder" or "object", and JSON: the name of an object in the folder, or the object. */
export const toEntries = ({ rows }: RawResult): Entry[] => rows.map(([kind, json]) => toEntry(kind!, JSON.parse(json!)));

const toEntry = (kind: string, value: unknown): Entry => (kind === "folder" ? { kind, ofName: value as string } : { kind: "object", object: withTimes(value as ListedObject) });

/** Times as upstream writes them in lists: in UTC, to the millisecond. */
export const withTimes = (object: ListedObject): ListedObject => ({
  ...object,
  updated_at: toTime(object.updated_at),
  created_at: toTime(object.created_at),
  last_accessed_at: toTime(object.last_accessed_at),
});

export const toTime = (text: string | null): string | null => (text === null ? null : new Date(text).toISOString());
