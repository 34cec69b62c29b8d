import { BackendError, type RawResult } from "@plinth/core";
import { z } from "zod";
import { headerValue, plainText } from "../config/assets-options.ts";
import { contentTypeOf } from "../delivery/content-type.ts";
import { type AssetsCall, defineEndpoint, type Endpoint } from "../endpoint/assets-call.ts";
import { readJson } from "../endpoint/read-json.ts";
import { json } from "../endpoint/respond.ts";
import { ASSETS_ERRORS } from "../errors.ts";
import { bytesOf, fileBody } from "./file-body.ts";
import { filePath } from "./file-path.ts";
import { requestContent } from "./request-content.ts";
import type { UploadedFile } from "./site-upload.ts";
import { deleteFile, writeFile } from "./write-file.ts";

const COLUMNS = `select f.path, b.size, f.hash, f.cache_control, to_json(f.updated_at) #>> '{}'
  from assets.site s join assets.files f on f.release_id = s.release_id join assets.blobs b on b.hash = f.hash`;

const listQuery = z.object({ prefix: plainText.default(""), after: plainText.default(""), limit: z.coerce.number().int().min(1).max(1_000).default(100) });

export const listFiles = defineEndpoint({
  id: "assets.files.list",
  method: "GET",
  path: "/files",
  handle: async (call) => {
    const parsed = listQuery.safeParse(Object.fromEntries(new URLSearchParams(call.context.query)));
    if (!parsed.success) throw new BackendError(ASSETS_ERRORS.invalidRequest, { message: `query/${parsed.error.issues[0]?.path.join("/")}: ${parsed.error.issues[0]?.message}` });
    const { prefix, after, limit } = parsed.data;
    const [result] = await call.site.query([{ sql: `${COLUMNS} where starts_with(f.path, $1) and f.path > $2 order by f.path limit $3::integer`, parameters: [prefix, after, String(limit + 1)] }]);
    const files = await Promise.all(result!.rows.slice(0, limit).map((row) => describe(call, row)));
    return json({ files, next: result!.rows.length > limit ? files.at(-1)!.path : null });
  },
});

export const getFile = defineEndpoint({
  id: "assets.files.get",
  method: "GET",
  path: "/files/*path",
  handle: async (call) => json(await fileOf(call, filePath(call.params["path"]!))),
});

/** Bytes as they are, or JSON that has them as text or base 64. */
const upload = (id: string, method: "POST" | "PUT", mayReplace: boolean): Endpoint =>
  defineEndpoint({
    id,
    method,
    path: "/files/*path",
    handle: async (call) => {
      const path = filePath(call.params["path"]!);
      await writeFile(call.site, { path, ...(await contentOf(call)) }, mayReplace);
      return json(await fileOf(call, path), mayReplace ? 200 : 201);
    },
  });

export const createFile = upload("assets.files.create", "POST", false);
export const putFile = upload("assets.files.put", "PUT", true);

export const removeFile = defineEndpoint({
  id: "assets.files.delete",
  method: "DELETE",
  path: "/files/*path",
  handle: async (call) => {
    const path = filePath(call.params["path"]!);
    await deleteFile(call.site, path);
    return json({ path });
  },
});

async function contentOf({ request, site }: AssetsCall): Promise<Omit<UploadedFile, "path">> {
  if (request.headers.get("content-type")?.toLowerCase().startsWith("application/json")) {
    // Base 64 makes four characters of three bytes; JSON escapes up to six of one.
    const { content, encoding, cacheControl } = await readJson(request, z.strictObject(fileBody), site.config.maxFileBytes * 2 + 65_536);
    return { content: bytesOf(content, encoding), cacheControl };
  }
  const own = headerValue.optional().safeParse(request.headers.get("x-cache-control") ?? undefined);
  if (!own.success) throw new BackendError(ASSETS_ERRORS.invalidRequest, { message: `header/X-Cache-Control: ${own.error.issues[0]?.message}` });
  return { content: requestContent(request), cacheControl: own.data };
}

async function fileOf(call: AssetsCall, path: string): Promise<DescribedFile> {
  const [result] = await call.site.query([{ sql: `${COLUMNS} where f.path = $1`, parameters: [path] }]);
  const row = result!.rows[0];
  if (row === undefined) throw new BackendError(ASSETS_ERRORS.notFound);
  return describe(call, row);
}

interface DescribedFile {
  readonly path: string;
  readonly size: number;
  readonly contentType: string;
  readonly etag: string;
  readonly cacheControl: string | null;
  readonly updatedAt: string;
  readonly url: string;
}

async function describe(call: AssetsCall, [path, size, hash, cacheControl, updatedAt]: RawResult["rows"][number]): Promise<DescribedFile> {
  return { path: path!, size: Number(size), contentType: contentTypeOf(path!), etag: `"${hash!.slice(0, 32)}"`, cacheControl: cacheControl ?? null, updatedAt: new Date(updatedAt!).toISOString(), url: await call.publicUrl(path!) };
}
