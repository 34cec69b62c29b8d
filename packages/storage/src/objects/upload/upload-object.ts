import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { json } from "../../endpoint/respond.ts";
import { ownerOf, type StorageCall } from "../../endpoint/storage-call.ts";
import { receiveUpload } from "./receive-upload.ts";

const upload = (id: string, method: "POST" | "PUT", isUpsert: (call: StorageCall) => boolean) =>
  defineEndpoint({
    id,
    method,
    path: "/object/:bucket/*name",
    access: "key",
    handle: async (call) => {
      const { bucket, name } = call.params as { readonly bucket: string; readonly name: string };
      const written = await receiveUpload(call, { bucket, name, owner: ownerOf(call.caller), upsert: isUpsert(call), mayWrite: "check" });
      return json({ Id: written.id, Key: written.key });
    },
  });

export const uploadObject = upload("storage.object.upload", "POST", ({ request }) => request.headers.get("x-upsert") === "true");

/** Replaces the object, or makes it. */
export const updateObject = upload("storage.object.upload_update", "PUT", () => true);
