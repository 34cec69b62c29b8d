import { invalidBody } from "../errors/api-request-errors.ts";
import { mediaTypeName } from "../media-type/media-type-name.ts";
import type { MediaType } from "../media-type/media-type.ts";
import type { Action, Payload } from "./api-request.ts";
import { csvToObjects } from "./csv-to-objects.ts";
import { isDeeperThan } from "./json-depth.ts";
import { jsonKeys } from "./json-keys.ts";
import type { QueryParams } from "./query-params.ts";
import { parseQueryString } from "./query-string.ts";

export interface ParsedPayload {
  readonly payload: Payload | undefined;
  /** What it has values for. */
  readonly columns: ReadonlySet<string>;
}

export type Body = string | Uint8Array | undefined;

interface PayloadContext {
  readonly isRoutine: boolean;
  /** `columns=`, where the action heeds it. */
  readonly columns: ReadonlySet<string> | undefined;
}

type PayloadParser = (text: string, context: PayloadContext) => Payload;

const EMPTY: ReadonlySet<string> = new Set();

/** How a body of each kind becomes a payload; kinds that aren't here are refused, and those of RAW for relations. */
const PARSERS: { readonly [K in MediaType["kind"]]?: PayloadParser } = { json: jsonPayload, csv: csvPayload, urlencoded: formPayload };

const RAW: ReadonlySet<MediaType["kind"]> = new Set(["text", "xml", "octet-stream"]);

/** PostgreSQL reads JSON recursively. A native server gives up in time; the embedded one would break. */
const MAX_DEPTH = 2_000;

/** @throws BackendError PGRST102 */
export function parsePayload(body: Body, contentType: MediaType, action: Action, queryParams: QueryParams): ParsedPayload {
  if (!takesPayload(action)) return { payload: undefined, columns: EMPTY };
  const isRoutine = action.kind === "routineCall";
  const columns = heedsColumns(action) ? queryParams.columns : undefined;
  if (isRoutine && RAW.has(contentType.kind)) {
    return { payload: { kind: "raw", raw: contentType.kind === "octet-stream" ? byteaText(body) : bodyText(body) }, columns: EMPTY };
  }
  const parser = PARSERS[contentType.kind];
  if (parser === undefined) throw invalidBody(`Content-Type not acceptable: ${mediaTypeName(contentType)}`);
  const payload = parser(bodyText(body), { isRoutine, columns });
  return { payload, columns: "keys" in payload ? payload.keys : (columns ?? EMPTY) };
}

function takesPayload(action: Action): boolean {
  if (action.kind === "routineCall") return action.invoke.kind === "write";
  return action.kind === "relationMutate" && action.mutation !== "delete";
}

function heedsColumns(action: Action): boolean {
  return action.kind === "routineCall" || (action.kind === "relationMutate" && action.mutation !== "singleUpsert");
}

function jsonPayload(text: string, { isRoutine, columns }: PayloadContext): Payload {
  if (isDeeperThan(text, MAX_DEPTH)) throw invalidBody(`The JSON is nested more than ${MAX_DEPTH} levels deep`);
  if (columns !== undefined) return { kind: "rawJson", raw: text };
  if (text === "" && isRoutine) return { kind: "json", raw: "", keys: EMPTY };
  return withKeys(text, parseJson(text), "All object keys must match");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidBody("Empty or invalid json");
  }
}

function withKeys(raw: string, json: unknown, mismatch: string): Payload {
  const keys = jsonKeys(json);
  if (keys === "differ") throw invalidBody(mismatch);
  return keys === "none" ? { kind: "json", raw: "[]", keys: EMPTY } : { kind: "json", raw, keys };
}

function csvPayload(text: string): Payload {
  const rows = csvToObjects(text);
  return withKeys(JSON.stringify(rows), rows, "All lines must have same number of fields");
}

function formPayload(text: string, { isRoutine }: PayloadContext): Payload {
  const pairs = parseQueryString(text, invalidBody).map(([name, value]) => [name, value ?? ""] as const);
  const keys = new Set(pairs.map(([name]) => name));
  if (isRoutine) return { kind: "urlEncoded", pairs, keys };
  return { kind: "json", raw: JSON.stringify(Object.fromEntries(pairs)), keys };
}

function bodyText(body: Body): string {
  return typeof body === "string" ? body : new TextDecoder().decode(body);
}

/** The hexadecimal notation of a bytea. */
function byteaText(body: Body): string {
  return `\\x${Buffer.from(body ?? "").toString("hex")}`;
}
