import { type Access, defineEndpoint, type Endpoint } from "../../endpoint/endpoint.ts";
import { json } from "../../endpoint/respond.ts";
import { findReadable, type ReadingRight } from "../download/find-readable.ts";
import type { ObjectRow } from "../stored-object-row.ts";

const info = (id: string, path: string, access: Access, right: ReadingRight): Endpoint =>
  defineEndpoint({
    id,
    method: "GET",
    path,
    access,
    handle: async (call) => json(toInfo(await findReadable(call, right, call.params as { bucket: string; name: string }))),
  });

/** What is known of an object, under upstream's names. */
export const toInfo = ({ id, name, version, bucket_id, metadata, user_metadata, updated_at, created_at }: ObjectRow) => ({
  id,
  name,
  version,
  bucket_id,
  size: metadata?.size ?? null,
  content_type: metadata?.mimetype ?? null,
  cache_control: metadata?.cacheControl ?? null,
  etag: metadata?.eTag ?? null,
  metadata: user_metadata,
  last_modified: updated_at,
  created_at,
});

export const authenticatedInfo = info("object.get_authenticated_info", "/object/info/authenticated/:bucket/*name", "key", "caller");
export const publicInfo = info("storage.object.info_public", "/object/info/public/:bucket/*name", "open", "public");
export const objectInfo = info("object.get_authenticated_info", "/object/info/:bucket/*name", "key", "caller");
