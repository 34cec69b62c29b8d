import type { ApiRequest } from "../request/api-request.ts";
import type { ApiRequestInput } from "../request/parse-api-request.ts";

/** All the headers, beside a body, that parsing and planning look at. */
const SHAPING_HEADERS = ["accept", "prefer", "range", "content-type", "accept-profile", "content-profile"] as const;

/** Equal only for requests that differ at most in filters' values, in their bodies, and in headers that only SQL may read. */
export function requestKey({ method, path, headers }: ApiRequestInput, shape: string): string {
  let key = `${method}\0${path}\0${shape}`;
  for (const name of SHAPING_HEADERS) key += `\0${headers.get(name) ?? "\0"}`;
  return key;
}

/**
 * What of a body decides about the statement: whether it is one object or several, and its keys.
 * @returns undefined where more may decide, and where there is nothing in it
 */
export function bodyKey({ payload, columns }: Pick<ApiRequest, "payload" | "columns">): string | undefined {
  if (payload === undefined) return "";
  if (payload.kind !== "json" && payload.kind !== "rawJson") return undefined;
  const first = /^[ \t\n\r]*([[{])/.exec(payload.raw)?.[1];
  if (first === undefined || columns.size === 0) return undefined;
  let key = first + payload.kind;
  for (const name of columns) key += `\0${name}`;
  return key;
}
