import { empty } from "../respond.ts";
import type { S3Operation } from "../s3-operation.ts";
import { findUpload, forgetUpload } from "./multipart-upload.ts";

export const abortMultipartUpload: S3Operation = {
  id: "storage.s3.upload.abort_multipart",
  method: "DELETE",
  level: "object",
  query: ["uploadId"],
  handle: async (s3) => {
    const { call } = s3;
    const upload = await findUpload(s3);
    await call.storage.store.abortUpload(call.storage.keyOf(upload.version), upload.id);
    await call.query("service", [forgetUpload(upload.id)], { unstoppable: true });
    // What was joined already stays, for the sweep: somebody may just be writing the object's row.
    return empty(204);
  },
};
