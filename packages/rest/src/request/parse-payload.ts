import { invalidBody } from "../errors/api-request-errors.ts";
import { mediaTypeName } from "../media-type/media-type-name.ts";
import type { MediaType } from "../media-type/media-type.ts";
import type { Action, Payload } from "./api-request.ts";
import { isDeeperThan, MAX_JSON_DEPTH } from "./json-depth.ts";
import { jsonKeys } from "./json-keys.ts";
import type { Body } from "./read-body.ts";
import type { QueryParams } from "./query-params.ts";
import { parseQueryString } from "./query-string.ts";

export interface ParsedPayload {
  readonly payload: Payload | undefined;
  /** What it has values for. */
  readonly columns: ReadonlySet<string>;
}

interface PayloadContext {
  readonly isRoutine: boolean;
  /** `columns=`, where the action heeds it. */
  readonly columns: ReadonlySet<string> | undefined;
}

type PayloadParser = (body: Body, context: PayloadContext) => Payload;

const EMPTY: ReadonlySet<string> = new Set();

/** How a body of each kind becomes a payload; kinds that aren't here are refused, and those of RAW for relations. */
const PARSERS: { readonly [K in MediaType["kind"]]?: PayloadParser } = { json: jsonPayload, csv: csvPayload, urlencoded: formPayload };

const RAW: ReadonlySet<MediaType["kind"]> = new Set(["text", "xml", "octet-stream"]);

/** PostgreSQL's tables have 1,600 columns at most, its functions 100 parameters. */
const MAX_FIELDS = 10_000;

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
  const payload = parser(body, { isRoutine, columns });
  return { payload, columns: "keys" in payload ? payload.keys : (columns ?? EMPTY) };
}

/** Whether it has a body that is looked at. */
export function takesPayload(action: Action): boolean {
  if (action.kind === "routineCall") return action.invoke.kind === "write";
  return action.kind === "relationMutate" && action.mutation !== "delete";
}

function heedsColumns(action: Action): boolean {
  return action.kind === "routineCall" || (action.kind === "relationMutate" && action.mutation !== "singleUpsert");
}

function jsonPayload(body: Body, { isRoutine, columns }: PayloadContext): Payload {
  const text = bodyText(body);
  refuseDeep(text);
  if (columns !== undefined) return { kind: "rawJson", raw: text };
  if (text === "" && isRoutine) return { kind: "json", raw: "", keys: EMPTY };
  return withKeys(text, jsonKeys(parseJson(text)), "All object keys must match");
}

function refuseDeep(text: string): void {
  if (isDeeperThan(text, MAX_JSON_DEPTH)) throw invalidBody(`The JSON is nested more than ${MAX_JSON_DEPTH} levels deep`);
}

/** Stops counting where it is enough. */
function hasMoreThan(text: string, separator: RegExp, limit: number): boolean {
  if (text.length <= limit) return false;
  let count = 0;
  for (const _match of text.matchAll(separator)) if (++count > limit) return true;
  return false;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidBody("Empty or invalid json");
  }
}

function withKeys(raw: string, keys: ReturnType<typeof jsonKeys>, mismatch: string): Payload {
  if (keys === "differ") throw invalidBody(mismatch);
  if (keys !== "none" && keys.size > MAX_FIELDS) throw tooManyFields();
  return keys === "none" ? { kind: "json", raw: "[]", keys: EMPTY } : { kind: "json", raw, keys };
}

const tooManyFields = () => invalidBody(`The body has more than ${MAX_FIELDS} fields`);

/** Parsed already, since that may take many turns. */
function csvPayload(body: Body): Payload {
  if (typeof body !== "object" || body instanceof Uint8Array) throw new TypeError("A CSV body comes from readBody().");
  if (body.kind === "badCsv") throw body.problem;
  return withKeys(body.json, body.keys, "All lines must have same number of fields");
}

function formPayload(body: Body, { isRoutine }: PayloadContext): Payload {
  const text = bodyText(body);
  if (hasMoreThan(text, /[&;]/g, MAX_FIELDS)) throw tooManyFields();
  const pairs = parseQueryString(text, invalidBody).map(([name, value]) => [name, value ?? ""] as const);
  for (const [, value] of pairs) refuseDeep(value);
  const keys = new Set(pairs.map(([name]) => name));
  if (isRoutine) return { kind: "urlEncoded", pairs, keys };
  return { kind: "json", raw: JSON.stringify(Object.fromEntries(pairs)), keys };
}

function bodyText(body: Body): string {
  return typeof body === "string" ? body : body instanceof Uint8Array ? new TextDecoder().decode(body) : "";
}

/** The hexadecimal notation of a bytea. */
function byteaText(body: Body): string {
  return `\\x${Buffer.from(body instanceof Uint8Array || typeof body === "string" ? body : "").toString("hex")}`;
}
