import { type Access, defineEndpoint, type Endpoint } from "../endpoint/endpoint.ts";
import type { StorageCall } from "../endpoint/storage-call.ts";
import { checkQuery } from "../endpoint/check-query.ts";
import { STORAGE_ERRORS } from "../errors.ts";
import { findReadable, type ReadingRight } from "../objects/download/find-readable.ts";
import { tokenQuery } from "../signed-urls/token-query.ts";
import { StorageError } from "../storage-error.ts";
import { sendImage } from "./send-image.ts";
import { parseTransformation, type Transformation, transformationSchema } from "./transformation.ts";

type Named = { readonly bucket: string; readonly name: string };

interface RenderEndpoint {
  readonly id: string;
  readonly path: string;
  readonly access: Access;
  readonly right: ReadingRight;
}

const renderEndpoint = ({ id, path, access, right }: RenderEndpoint): Endpoint =>
  defineEndpoint({
    id,
    method: "GET",
    path,
    access,
    handle: async (call) => {
      assertEnabled(call);
      return send(call, right, checkQuery(call.search, transformationSchema));
    },
  });

async function send(call: StorageCall, right: ReadingRight, transformation: Transformation, expires?: Date): Promise<Response> {
  const find = () => findReadable(call, right, call.params as Named);
  return sendImage(call, await find(), transformation, { download: call.search.get("download"), expires, again: find });
}

function assertEnabled({ storage }: StorageCall): void {
  if (!storage.config.imageTransformation.enabled) throw new StorageError(STORAGE_ERRORS.imagesDisabled);
}

export const renderAuthenticatedImage = renderEndpoint({ id: "storage.render.image_authenticated", path: "/render/image/authenticated/:bucket/*name", access: "key", right: "caller" });
export const renderPublicImage = renderEndpoint({ id: "storage.render.image_public", path: "/render/image/public/:bucket/*name", access: "open", right: "public" });

/** What is made of the image stands in the token, and nowhere else. */
export const renderSignedImage = defineEndpoint({
  id: "storage.render.image_sign",
  method: "GET",
  path: "/render/image/sign/:bucket/*name",
  access: "open",
  handle: async (call) => {
    assertEnabled(call);
    const { bucket, name } = call.params as Named;
    const { exp, transformations = "", format } = await call.storage.urls.verify("download", checkQuery(call.search, tokenQuery).token, `${bucket}/${name.normalize("NFC")}`);
    return send(call, "signed", parseTransformation(transformations, format), new Date(exp * 1_000));
  },
});
