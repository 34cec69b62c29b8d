import { z } from "zod";
import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { json } from "../../endpoint/respond.ts";
import type { StorageWork } from "../../endpoint/storage-call.ts";
import { bucketName } from "../../names/bucket-name.ts";
import { commonPrefix } from "./list-names.ts";
import { type Entry, type ListedObject, toEntries } from "./listed-object.ts";
import { LAST } from "./name-key.ts";
import { BY_INDEX, latestStatement, scanStatement } from "./scan-statement.ts";

/** Upstream's. Whoever asks for more gets so many. */
const MAX_LIMIT = 1_500;
/** PostgreSQL's largest `integer`, as upstream. */
const MAX_OFFSET = 2 ** 31 - 1;

const body = z.object({
  prefix: z.string(),
  limit: z.number().int().min(1).default(100),
  offset: z.number().int().min(0).max(MAX_OFFSET).default(0),
  search: z.string().default(""),
  sortBy: z.object({ column: z.enum(["name", "updated_at", "created_at", "last_accessed_at"]), order: z.enum(["asc", "desc"]).default("asc") }).default({ column: "name", order: "asc" }),
});

/** Of a folder there is nothing but its name. */
export interface ListedFolder {
  readonly name: string;
  readonly id: null;
  readonly updated_at: string | null;
  readonly created_at: string | null;
  readonly last_accessed_at: null;
  readonly metadata: null;
}

/**
 * What is in a folder, whatever the case its name is written in, named as in there. `search` is how those names begin, and
 * may lead into folders below. By time, folders come first.
 */
export const listObjects = defineEndpoint({
  id: "storage.object.list",
  method: "POST",
  path: "/object/list/:bucket",
  access: "key",
  body,
  handle: async (call, query) => json(await listFolder(call, bucketName(call.params["bucket"]!), query)),
});

/** What of a folder the caller may see, in one round trip. A bucket that isn't there has nothing in it. */
export async function listFolder(work: StorageWork, bucket: string, { limit, offset, sortBy: { column, order }, ...query }: z.output<typeof body>): Promise<(ListedObject | ListedFolder)[]> {
  const folder = folderOf(query.prefix);
  const prefix = folder + query.search.normalize("NFC");
  const scan = { bucket, prefix, delimiter: "/", key: work.tenant.project.adopted ? ("lower" as const) : ("folded" as const), order, offset, limit: Math.min(limit, MAX_LIMIT) };
  const statement = column === "name" ? scanStatement({ ...scan, seek: order === "asc" ? prefix : prefix + LAST }) : latestStatement(scan, column);
  const [, result] = await work.query("caller", [BY_INDEX, statement], { readOnly: true });
  return toEntries(result!).map((entry) => shown(entry, folder, prefix));
}

/** "a/b" and "a/b/" are the same folder, "" is the whole bucket. */
const folderOf = (prefix: string): string => (prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`).normalize("NFC");

function shown(entry: Entry, folder: string, prefix: string): ListedObject | ListedFolder {
  if (entry.kind === "object") return { ...entry.object, name: entry.object.name.slice(folder.length) };
  const name = commonPrefix(entry.ofName, prefix, "/").replace(/\/+$/, "").slice(folder.length);
  return { name, id: null, updated_at: null, created_at: null, last_accessed_at: null, metadata: null };
}
