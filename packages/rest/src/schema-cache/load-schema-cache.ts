import type { RawResult, Statement } from "@plinth/core";
import { buildSchemaCache } from "./build-schema-cache.ts";
import { catalogStatement, decodeCatalog } from "./catalog/catalog-statement.ts";
import type { SchemaCache } from "./schema-cache.ts";

export interface SchemaCacheOptions {
  /** Exposed schemas. One that doesn't exist counts as empty. */
  readonly schemas: readonly string[];
  /** Schemas whose views exposed views may be built upon. */
  readonly extraSearchPath: readonly string[];
}

/**
 * Reads the catalogs in one statement and builds a snapshot. Any role may do so.
 *
 * @throws what `query` throws
 */
export const loadSchemaCache = async (
  query: (statement: Statement) => Promise<RawResult>,
  { schemas, extraSearchPath }: SchemaCacheOptions,
): Promise<SchemaCache> => buildSchemaCache(decodeCatalog(await query(catalogStatement(schemas, extraSearchPath))), schemas);
