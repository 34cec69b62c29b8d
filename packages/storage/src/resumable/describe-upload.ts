import { checkIsOwn } from "./authorize-upload.ts";
import { defineResumable } from "./define-resumable.ts";
import { findUpload } from "./find-upload.ts";
import { expiresHeader, TUS_EXTENSIONS, TUS_VERSION, tusReply } from "./tus-protocol.ts";

/** How far an upload has come. Whoever is still sending it bytes, on a connection that the client has given up, lets go. */
export const describeUpload = defineResumable({
  id: "storage.tus.upload.get",
  method: "HEAD",
  path: "/:id",
  handle: async (call, proof) => {
    const found = await findUpload(call, proof);
    await checkIsOwn(call, found);
    const isHeld = found.holder !== null && !found.finished;
    if (isHeld) await call.storage.uploads.interrupt(call, found.id);
    const upload = isHeld ? await findUpload(call, proof) : found;
    const length: Readonly<Record<string, string>> = upload.length === null ? { "Upload-Defer-Length": "1" } : { "Upload-Length": String(upload.length) };
    const offset = upload.finished ? upload.length : upload.received;
    return tusReply(200, { "Upload-Offset": String(offset), ...length, "Upload-Metadata": upload.metadata, ...expiresHeader(upload) });
  },
});

const describe = (path: "" | "/:id") =>
  defineResumable({
    id: "storage.tus.options",
    method: "OPTIONS",
    path,
    access: "open",
    handle: async ({ storage }) => tusReply(204, { "Tus-Version": TUS_VERSION, "Tus-Extension": TUS_EXTENSIONS, "Tus-Max-Size": String(storage.config.fileSizeLimit) }),
  });

/** What of the protocol there is. */
export const describeProtocol = [...describe(""), ...describe("/:id")];
