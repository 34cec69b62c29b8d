import type { ReplyHeaders } from "@plinth/core";
import type { ResultSet } from "../query/main-query.ts";
import { headerBytes } from "./header-value.ts";

/** Location of a single created row: its table, filtered by its key. */
export function locationHeaders(table: string, location: ResultSet["location"]): ReplyHeaders {
  if (location.length === 0) return {};
  const query = location.map(([column, filter]) => `${encodeQuery(column)}=${encodeQuery(filter)}`).join("&");
  return { Location: headerBytes(`/${table}?${query}`) };
}

/** As application/x-www-form-urlencoded, but for the characters that RFC 3986 never reserves. */
const encodeQuery = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
