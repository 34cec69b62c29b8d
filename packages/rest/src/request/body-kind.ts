import { parseMediaType } from "../media-type/parse-media-type.ts";

export type BodyKind = "none" | "text" | "bytes";

const METHODS_WITH_BODY: ReadonlySet<string> = new Set(["POST", "PATCH", "PUT"]);

/** How a request's body is to be read for {@link parseApiRequest}: not at all, as UTF-8 text, or as bytes. */
export function bodyKind(method: string, contentType: string | null): BodyKind {
  if (!METHODS_WITH_BODY.has(method)) return "none";
  return contentType !== null && parseMediaType(contentType).kind === "octet-stream" ? "bytes" : "text";
}
