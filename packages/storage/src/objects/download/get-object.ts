import { type Access, defineEndpoint, type Endpoint } from "../../endpoint/endpoint.ts";
import type { StorageCall } from "../../endpoint/storage-call.ts";
import { checkQuery } from "../../endpoint/check-query.ts";
import { STORAGE_ERRORS } from "../../errors.ts";
import { tokenQuery } from "../../signed-urls/token-query.ts";
import { StorageError } from "../../storage-error.ts";
import { findReadable, type ReadingRight } from "./find-readable.ts";
import { sendObject } from "./send-object.ts";

type Named = { readonly bucket: string; readonly name: string };

const getObject = (id: string, path: string, access: Access, right: ReadingRight): Endpoint =>
  defineEndpoint({ id, method: "GET", path, access, handle: (call) => send(call, right) });

async function send(call: StorageCall, right: ReadingRight, expires?: Date): Promise<Response> {
  const find = () => findReadable(call, right, call.params as Named);
  return sendObject(call, await find(), { download: call.search.get("download"), expires, again: find });
}

export const getAuthenticatedObject = getObject("storage.object.get_authenticated", "/object/authenticated/:bucket/*name", "key", "caller");
export const getPublicObject = getObject("storage.object.get_public", "/object/public/:bucket/*name", "open", "public");
/** The oldest form: after all others that begin with `/object/`. */
export const getAnyObject = getObject("storage.object.get_authenticated", "/object/:bucket/*name", "key", "caller");

export const getSignedObject = defineEndpoint({
  id: "storage.object.get_signed",
  method: "GET",
  path: "/object/sign/:bucket/*name",
  access: "open",
  handle: async (call) => {
    const { bucket, name } = call.params as Named;
    const { exp, transformations } = await call.storage.urls.verify("download", checkQuery(call.search, tokenQuery).token, `${bucket}/${name.normalize("NFC")}`);
    // Whoever signed an image as it is to be shown has not shown all of it.
    if (transformations !== undefined) throw new StorageError(STORAGE_ERRORS.invalidSignature);
    return send(call, "signed", new Date(exp * 1_000));
  },
});
