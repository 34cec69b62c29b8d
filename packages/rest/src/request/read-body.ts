import { readBytes, readText } from "@plinth/core";
import { bodyKind } from "./body-kind.ts";
import { type CsvBody, readCsv } from "./read-csv.ts";

/** What a request brings: nothing, text, bytes for a routine that takes them, or CSV. */
export type Body = string | Uint8Array | CsvBody | undefined;

/**
 * Reads a body as its type wants it read.
 * @throws BackendError as `readText`
 */
export async function readBody(http: Request, maxBytes: number): Promise<Body> {
  const kind = bodyKind(http.method, http.headers.get("content-type"));
  if (kind === "none") return undefined;
  if (kind === "bytes") return readBytes(http, { maxBytes });
  const text = await readText(http, { maxBytes });
  return kind === "csv" ? readCsv(text) : text;
}
