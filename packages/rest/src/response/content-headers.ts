import type { ReplyHeaders } from "@plinth/core";
import { contentTypeHeader } from "../media-type/media-type-name.ts";
import type { MediaType } from "../media-type/media-type.ts";
import type { ApiRequest } from "../request/api-request.ts";
import { headerBytes } from "./header-value.ts";

type Negotiated = Pick<ApiRequest, "schema" | "negotiatedByProfile">;

/** Content-Type of a body, and the schema it is from where that was negotiated. */
export function contentHeaders(mediaType: MediaType, { schema, negotiatedByProfile }: Negotiated): ReplyHeaders {
  const headers: ReplyHeaders = { "Content-Type": contentTypeHeader(mediaType) };
  if (negotiatedByProfile) headers["Content-Profile"] = headerBytes(schema);
  return headers;
}
