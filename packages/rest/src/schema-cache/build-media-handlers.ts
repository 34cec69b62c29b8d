import { mediaTypeName } from "../media-type/media-type-name.ts";
import type { MediaType } from "../media-type/media-type.ts";
import { parseMediaType } from "../media-type/parse-media-type.ts";
import type { MediaHandlerRow } from "./catalog/catalog-rows.ts";
import { mediaHandlerKey } from "./media-handler.ts";
import type { MediaHandler, ResolvedHandler } from "./media-handler.ts";

const ANY_TYPE = "*/*";

/** Those that a handler of the database for anyelement may take the place of. */
const BUILT_IN: ReadonlyArray<readonly [accepted: MediaType, handler: MediaHandler, mediaType: MediaType]> = [
  [{ kind: "any" }, { kind: "json" }, { kind: "json" }],
  [{ kind: "json" }, { kind: "json" }, { kind: "json" }],
  [{ kind: "csv" }, { kind: "csv" }, { kind: "csv" }],
  [{ kind: "geojson" }, { kind: "geoJson" }, { kind: "geojson" }],
];

/** By `mediaHandlerKey`: the built-in ones, and those of the database. */
export const buildMediaHandlers = (rows: readonly MediaHandlerRow[]): ReadonlyMap<string, ResolvedHandler> => {
  const handlers = new Map<string, ResolvedHandler>();
  for (const [accepted, handler, mediaType] of BUILT_IN) {
    handlers.set(mediaHandlerKey(undefined, mediaTypeName(accepted)), { handler, mediaType });
  }
  for (const row of rows) {
    const relation = isAnyElement(row) ? undefined : { schema: row.relationSchema, name: row.relationName };
    const handler: MediaHandler = { kind: "custom", function: { schema: row.handlerSchema, name: row.handlerName }, relation, binary: row.binary };
    // Whatever a handler of */* produces is of no known type.
    const mediaType: MediaType = row.mime === ANY_TYPE ? { kind: "octet-stream" } : parseMediaType(row.mime);
    handlers.set(mediaHandlerKey(relation, mediaTypeName(parseMediaType(row.mime.toLowerCase()))), { handler, mediaType });
  }
  return handlers;
};

const isAnyElement = (row: MediaHandlerRow): boolean => row.relationSchema === "pg_catalog" && row.relationName === "anyelement";
