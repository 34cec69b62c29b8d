import type { ReplyHeaders } from "@plinth/core";
import { gucHeadersError, gucStatusError } from "../errors/api-request-errors.ts";
import type { ResultSet } from "../query/main-query.ts";
import { headerBytes, isFraming, isHeader } from "./header-value.ts";

/**
 * Puts what SQL set as response.headers and response.status over what would have been sent:
 * https://docs.postgrest.org/en/stable/references/transactions.html#response-headers
 *
 * @throws BackendError PGRST111, PGRST112
 */
export function overrideByGucs(result: ResultSet, status: number, headers: ReplyHeaders): { readonly status: number; readonly headers: ReplyHeaders } {
  return {
    status: result.gucStatus === null ? status : parseStatus(result.gucStatus),
    headers: result.gucHeaders === null ? headers : overrideHeaders(headers, parseHeaders(result.gucHeaders)),
  };
}

type Header = readonly [name: string, value: string];

function parseStatus(text: string): number {
  const status = Number.parseInt(/^[0-9]+/.exec(text)?.[0] ?? "", 10);
  if (!(status >= 200 && status <= 599)) throw gucStatusError();
  return status;
}

function parseHeaders(text: string): readonly Header[] {
  const list = parseJson(text);
  if (!Array.isArray(list)) throw gucHeadersError();
  return list.map(parseHeader);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw gucHeadersError();
  }
}

function parseHeader(value: unknown): Header {
  const entries = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  const [name, text] = entries[0] ?? [];
  if (entries.length !== 1 || name === undefined || typeof text !== "string" || !isHeader(name, text)) throw gucHeadersError();
  return [name, headerBytes(text)];
}

/** A header set several times, Set-Cookie say, is sent several times; what frames the message is left as it is. */
function overrideHeaders(headers: ReplyHeaders, overrides: readonly Header[]): ReplyHeaders {
  const effective = overrides.filter(([name]) => !isFraming(name));
  const names = new Set(effective.map(([name]) => name.toLowerCase()));
  const set = new Map(Object.entries(headers).filter(([name]) => !names.has(name.toLowerCase())));
  for (const [name, value] of effective) {
    const before = set.get(name);
    set.set(name, before === undefined ? value : [...(typeof before === "string" ? [before] : before), value]);
  }
  // Names are SQL's to choose: "toString" and "__proto__" are names like any other.
  return Object.fromEntries(set);
}
