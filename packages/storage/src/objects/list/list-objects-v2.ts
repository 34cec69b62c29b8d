import { z } from "zod";
import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { json } from "../../endpoint/respond.ts";
import type { StorageWork } from "../../endpoint/storage-call.ts";
import { bucketName } from "../../names/bucket-name.ts";
import { type Cursor, decodeCursor, encodeCursor } from "./cursor.ts";
import { listNames } from "./list-names.ts";
import type { ListedFolder } from "./list-objects.ts";
import { listByTime } from "./list-by-time.ts";
import type { ListedObject } from "./listed-object.ts";

/** Upstream's. Whoever asks for more gets so many. */
const MAX_LIMIT = 1_000;

const body = z.object({
  prefix: z.string().default(""),
  limit: z.number().int().min(1).default(MAX_LIMIT),
  cursor: z.string().optional(),
  with_delimiter: z.boolean().default(false),
  sortBy: z.object({ column: z.enum(["name", "updated_at", "created_at"]), order: z.enum(["asc", "desc"]).default("asc") }).default({ column: "name", order: "asc" }),
});

type Keyed<Listed> = Listed & { /** The last part of its name. */ readonly key?: string };

/** A page of a list, as upstream's second version answers it. Names are whole, those of folders end with "/". */
export interface ObjectsPage {
  readonly hasNext: boolean;
  readonly nextCursor?: string;
  readonly folders: readonly Keyed<ListedFolder>[];
  readonly objects: readonly Keyed<ListedObject>[];
}

/** Objects whose names begin with `prefix`, by bytes; with `with_delimiter`, those in folders below as the folders. */
export const listObjectsV2 = defineEndpoint({
  id: "storage.object.list_v2",
  method: "POST",
  path: "/object/list-v2/:bucket",
  access: "key",
  body,
  handle: async (call, query) => json(await listPage(call, bucketName(call.params["bucket"]!), query)),
});

/** What of it the caller may see, in one round trip. A bucket that isn't there has nothing in it. @throws StorageError InvalidRequest */
export async function listPage(work: StorageWork, bucket: string, query: z.output<typeof body>): Promise<ObjectsPage> {
  const cursor = query.cursor ? decodeCursor(query.cursor) : undefined;
  // What was begun in an order goes on in it.
  const { column, order } = cursor ?? query.sortBy;
  const prefix = query.prefix.normalize("NFC");
  const range = { bucket, prefix, delimiter: query.with_delimiter ? "/" : "", order, limit: Math.min(query.limit, MAX_LIMIT) };
  const page = column === "name" ? await byName(work, range, cursor) : await listByTime(work, { ...range, column, after: cursor });
  const withKey = <Listed extends ListedFolder | ListedObject>(listed: Listed): Keyed<Listed> => (query.with_delimiter ? { key: keyOf(listed.name, prefix), ...listed } : listed);
  return {
    hasNext: page.next !== undefined,
    ...(page.next === undefined ? {} : { nextCursor: encodeCursor(page.next) }),
    folders: page.folders.map((folder) => withKey(folder)),
    objects: page.objects.map((object) => withKey(object)),
  };
}

type NamesRange = Omit<Parameters<typeof listNames>[1], "startAfter"> & { readonly order: "asc" | "desc" };

async function byName(work: StorageWork, range: NamesRange, cursor: Cursor | undefined) {
  const { objects, commonPrefixes, next } = await listNames(work, { ...range, startAfter: cursor?.after });
  const folders = commonPrefixes.map((name): ListedFolder => ({ name, id: null, updated_at: null, created_at: null, last_accessed_at: null, metadata: null }));
  return { objects, folders, next: next === undefined ? undefined : ({ after: next, column: "name", order: range.order } as const) };
}

const keyOf = (name: string, prefix: string): string => name.replace(/\/+$/, "").split("/")[prefix.split("/").length - 1] ?? "";
