import { buildMediaHandlers } from "./build-media-handlers.ts";
import { buildRelationships } from "./build-relationships.ts";
import { buildRoutines } from "./build-routines.ts";
import { buildTables } from "./build-tables.ts";
import type { CatalogRows, RepresentationRow } from "./catalog/catalog-rows.ts";
import { relationNames } from "./catalog/relation-names.ts";
import { representationKey } from "./schema-cache.ts";
import type { DataRepresentation, SchemaCache } from "./schema-cache.ts";
import { viewColumnOrigins } from "./views/view-column-origins.ts";
import { viewKeys } from "./views/view-keys.ts";

/** Derives the snapshot from the catalogs: pure. */
export const buildSchemaCache = (rows: CatalogRows, schemas: readonly string[]): SchemaCache => {
  const relations = relationNames(rows);
  const keysOfViews = viewKeys(rows.keys, viewColumnOrigins(rows.views), relations);
  const tables = buildTables(rows, relations, keysOfViews);
  const sources = { keys: rows.keys, relations, viewKeys: keysOfViews, isExposed: (schema: string) => schemas.includes(schema) };
  return {
    tables,
    relationships: buildRelationships(sources, rows.computedRelationships, tables),
    routines: buildRoutines(rows.routines),
    representations: buildRepresentations(rows.representations),
    mediaHandlers: buildMediaHandlers(rows.mediaHandlers),
    serverVersion: rows.serverVersion,
  };
};

const buildRepresentations = (rows: readonly RepresentationRow[]): ReadonlyMap<string, DataRepresentation> =>
  new Map(
    rows.map((row) => [
      representationKey(row.source, row.target),
      { sourceType: row.source, targetType: row.target, function: row.function },
    ]),
  );
