import { defineEndpoint } from "../endpoint/endpoint.ts";
import { message } from "../endpoint/respond.ts";
import type { StorageWork } from "../endpoint/storage-call.ts";
import { deleteFrom } from "../objects/delete/delete-objects.ts";
import { findVisibleBucket } from "./find-bucket.ts";

/** So many are looked at in a transaction. */
const BATCH = 1_000;

export const emptyBucket = defineEndpoint({
  id: "storage.bucket.empty",
  method: "POST",
  path: "/bucket/:bucket/empty",
  access: "key",
  handle: async (call) => {
    await deleteAllObjects(call, call.params["bucket"]!);
    return message("Empty bucket has been queued. Completion may take up to an hour.");
  },
});

/**
 * Deletes what of the bucket's objects its caller may delete. Unlike upstream, under the caller's policies, and at once.
 * @throws StorageError NoSuchBucket
 */
export async function deleteAllObjects(work: StorageWork, bucket: string): Promise<void> {
  const { id } = await findVisibleBucket(work, bucket);
  const [result] = await work.query("caller", [{ sql: "select clock_timestamp()", parameters: [] }], { readOnly: true });
  const before = result!.rows[0]![0]!;
  // By names rather than until nothing is left: some may be there that the caller sees, but may not delete.
  for (let from: string | undefined = ""; from !== undefined; ) ({ next: from } = await deleteFrom(work, id, { prefix: "", from, limit: BATCH, before }));
}
