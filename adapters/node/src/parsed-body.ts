import { BackendError, CORE_ERRORS } from "@plinth/core";
import type { NodeRequest } from "./node-message.ts";

/** Whether somebody before us, such as `express.json()`, has read the request's stream. */
export function wasRead(request: NodeRequest): boolean {
  return request.readableDidRead || request.rawBody instanceof Uint8Array;
}

/**
 * The bytes of a body that the host has already parsed, written anew: same meaning, perhaps not the
 * same spelling. Exact where the host kept the bytes (`express.raw()`, `rawBody`).
 *
 * @throws BackendError internal where the host kept nothing that can be written, e.g. after multer
 */
export function serializeParsedBody(request: NodeRequest): Buffer {
  const { body, rawBody } = request;
  const type = (request.headers["content-type"] ?? "").toLowerCase();
  if (rawBody instanceof Uint8Array) return Buffer.from(rawBody);
  if (body instanceof Uint8Array) return Buffer.from(body);
  // `express.text()` and `express.json({ strict: false })` both leave strings; the type tells them apart.
  if (/^application\/(?:[\w.+-]+\+)?json\b/.test(type) && body !== undefined) return Buffer.from(JSON.stringify(body));
  if (typeof body === "string") return Buffer.from(body);
  if (type.startsWith("application/x-www-form-urlencoded") && isRecord(body)) return Buffer.from(new URLSearchParams(formPairs(body)).toString());
  throw new BackendError(CORE_ERRORS.internal, { cause: new Error(`The host has read a request's body (${type || "no Content-Type"}) and not kept it: mount the backend before that middleware.`) });
}

/** `{ a: ["1"], b: { c: "2" } }` → a=1&b[c]=2, as form parsers read it. */
function formPairs(record: Record<string, unknown>, parent?: string): Array<[string, string]> {
  return Object.entries(record).flatMap(([key, value]): Array<[string, string]> => {
    const name = parent === undefined ? key : `${parent}[${key}]`;
    if (Array.isArray(value)) return value.flatMap((item) => (isRecord(item) ? formPairs(item, `${name}[]`) : [[name, String(item)] as [string, string]]));
    return isRecord(value) ? formPairs(value, name) : [[name, String(value)]];
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !(value instanceof Uint8Array);
}
