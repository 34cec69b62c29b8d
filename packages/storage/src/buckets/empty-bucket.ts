import { defineEndpoint } from "../endpoint/endpoint.ts";
import { message } from "../endpoint/respond.ts";
import { deleteObjects } from "../objects/delete/delete-objects.ts";
import { findVisibleBucket } from "./find-bucket.ts";

/** So many are deleted in a transaction. */
const BATCH = 1_000;

/** Deletes what of the bucket's objects its caller may delete. Unlike upstream, under the caller's policies, and at once. */
export const emptyBucket = defineEndpoint({
  id: "storage.bucket.empty",
  method: "POST",
  path: "/bucket/:bucket/empty",
  access: "key",
  handle: async (call) => {
    const { id } = await findVisibleBucket(call, call.params["bucket"]!);
    const before = new Date().toISOString();
    while ((await deleteObjects(call, id, { before, limit: BATCH })).length === BATCH);
    return message("Empty bucket has been queued. Completion may take up to an hour.");
  },
});
