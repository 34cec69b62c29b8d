import { parseMediaType } from "../media-type/parse-media-type.ts";

export type BodyKind = "none" | "text" | "bytes" | "csv";

const METHODS_WITH_BODY: ReadonlySet<string> = new Set(["POST", "PATCH", "PUT"]);

/** How a request's body is to be read: not at all, as UTF-8 text, as bytes, or as CSV. */
export function bodyKind(method: string, contentType: string | null): BodyKind {
  if (!METHODS_WITH_BODY.has(method)) return "none";
  const kind = contentType === null ? "json" : parseMediaType(contentType).kind;
  return kind === "octet-stream" ? "bytes" : kind === "csv" ? "csv" : "text";
}
