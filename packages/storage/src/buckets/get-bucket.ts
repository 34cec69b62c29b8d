import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { showBucket } from "./bucket.ts";
import { findVisibleBucket } from "./find-bucket.ts";

export const getBucket = defineEndpoint({
  id: "storage.bucket.get",
  method: "GET",
  path: "/bucket/:bucket",
  access: "key",
  handle: async (call) => json(showBucket(await findVisibleBucket(call, call.params["bucket"]!), { withType: false })),
});
