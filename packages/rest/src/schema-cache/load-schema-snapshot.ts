import type { RawResult, Statement } from "@plinth/core";
import { buildSchemaCache } from "./build-schema-cache.ts";
import { catalogStatement, decodeCatalog } from "./catalog/catalog-statement.ts";
import type { SchemaCache } from "./schema-cache.ts";
import { isUntold, versionOf } from "./version/schema-version.ts";
import type { SchemaVersion, VersionSource } from "./version/schema-version.ts";

export interface SchemaCacheOptions {
  /** Exposed schemas. One that doesn't exist counts as empty. */
  readonly schemas: readonly string[];
  /** Schemas whose views exposed views may be built upon. */
  readonly extraSearchPath: readonly string[];
}

/** A schema cache, and the version of the database's schema that it shows or is later than. */
export interface SchemaSnapshot {
  readonly cache: SchemaCache;
  readonly version: SchemaVersion;
}

/**
 * Reads the catalogs in one statement and builds a snapshot. Any role may do so.
 *
 * @throws what `query` throws
 */
export const loadSchemaSnapshot = async (query: (statement: Statement) => Promise<RawResult>, options: SchemaCacheOptions): Promise<SchemaSnapshot> => {
  const snapshot = await loadFrom("changes", query, options).catch((error: unknown) => {
    if (!isUntold(error)) throw error;
    return undefined;
  });
  if (snapshot) return snapshot;
  const complete = await loadFrom("catalogs", query, options);
  if (!complete) throw new Error("The fingerprint of the catalogs is NULL.");
  return complete;
};

/** @returns undefined where the source can't tell the version */
const loadFrom = async (
  source: VersionSource,
  query: (statement: Statement) => Promise<RawResult>,
  { schemas, extraSearchPath }: SchemaCacheOptions,
): Promise<SchemaSnapshot | undefined> => {
  const rows = decodeCatalog(await query(catalogStatement(schemas, extraSearchPath, source)));
  const version = versionOf(source, rows.version);
  return version && { cache: buildSchemaCache(rows, schemas), version };
};
