import type { ReplyHeaders } from "@plinth/core";
import { mediaTypeName } from "../media-type/media-type-name.ts";
import type { MediaType } from "../media-type/media-type.ts";
import type { ApiRequest } from "../request/api-request.ts";
import { headerBytes } from "./header-value.ts";

/** Of these the service doesn't know what characters they are made of. */
const WITHOUT_CHARSET: ReadonlySet<MediaType["kind"]> = new Set<MediaType["kind"]>(["octet-stream", "other"]);

export const contentType = (mediaType: MediaType): string =>
  WITHOUT_CHARSET.has(mediaType.kind) ? mediaTypeName(mediaType) : `${mediaTypeName(mediaType)}; charset=utf-8`;

type Negotiated = Pick<ApiRequest, "schema" | "negotiatedByProfile">;

/** Content-Type of a body, and the schema it is from where that was negotiated. */
export function contentHeaders(mediaType: MediaType, { schema, negotiatedByProfile }: Negotiated): ReplyHeaders {
  const headers: ReplyHeaders = { "Content-Type": contentType(mediaType) };
  if (negotiatedByProfile) headers["Content-Profile"] = headerBytes(schema);
  return headers;
}
