import { BackendError, type Tenant } from "@plinth/core";
import type { RestConfig } from "../config/rest-config.ts";
import { ownConfig } from "../tenant-rest.ts";
import { decodeTypeCatalog, typeCatalogStatement } from "./catalog/type-catalog-statement.ts";
import type { TypeCatalogRows } from "./catalog/type-catalog-rows.ts";
import { TYPES_ERRORS } from "./errors.ts";
import { kyselyTypes } from "./kysely/kysely-types.ts";
import { buildSchemaModels } from "./model/build-schema-models.ts";
import type { SchemaModel } from "./model/schema-model.ts";
import { supabaseTypes } from "./supabase/supabase-types.ts";

/** By format: the modules that types are written as. The default schema is what names without one mean. */
const FORMATS = {
  supabase: supabaseTypes,
  kysely: kyselyTypes,
} as const satisfies Record<string, (models: readonly SchemaModel[], defaultSchema: string) => string>;

/** `supabase`: `Database`, for supabase-js. `kysely`: `DB`, for `tenant.transaction<DB, …>()`. */
export type TypesFormat = keyof typeof FORMATS;

export interface GenerateTypesOptions {
  /** One at least. Without `public` among them, the first is what names without a schema mean. */
  readonly schemas: readonly string[];
  /** Default: supabase. */
  readonly format?: TypesFormat;
  /** Schemas whose views exposed views may be built upon, as of the REST service. Default: public, extensions. */
  readonly extraSearchPath?: readonly string[];
  /** Takes a schema that isn't there for an empty one, as the REST service does. Default: it is an error. */
  readonly allowMissing?: boolean;
}

/**
 * Writes TypeScript types of a database's live schema: a whole module, the same text for the same schema.
 *
 * @param database whose catalogs are read, in one statement: a tenant
 * @throws BackendError PLINTH_SCHEMA_NOT_FOUND; what `catalog` throws
 * @example
 * await writeFile("database.types.ts", await generateTypes(await backend.tenant(), { schemas: ["public"] }));
 */
export async function generateTypes(database: Pick<Tenant, "catalog">, options: GenerateTypesOptions): Promise<string> {
  const { schemas, format = "supabase", extraSearchPath = ["public", "extensions"], allowMissing = false } = options;
  const rows = decodeTypeCatalog(await database.catalog(typeCatalogStatement(schemas, extraSearchPath)));
  if (!allowMissing) assertThere(schemas, rows);
  const defaultSchema = schemas.includes("public") ? "public" : (schemas[0] ?? "public");
  return FORMATS[format](buildSchemaModels(rows, schemas), defaultSchema);
}

export interface ExposedTypesOptions {
  /** Default: those that requests are served from; one of them that isn't there is empty. */
  readonly schemas?: readonly string[] | undefined;
  /** Default: supabase. */
  readonly format?: TypesFormat | undefined;
}

/**
 * Types of what a project's REST API exposes.
 *
 * @param config for projects whose `settings.rest` doesn't say otherwise
 * @throws BackendError as `generateTypes`
 */
export function exposedTypes(tenant: Pick<Tenant, "catalog" | "project">, config: RestConfig, { schemas, format }: ExposedTypesOptions = {}): Promise<string> {
  const { schemas: exposed, extraSearchPath } = ownConfig(tenant, config);
  return generateTypes(tenant, { schemas: schemas ?? exposed, extraSearchPath, allowMissing: schemas === undefined, ...(format && { format }) });
}

function assertThere(schemas: readonly string[], { schemas: found, allSchemas }: TypeCatalogRows): void {
  const missing = schemas.filter((name) => !found.includes(name));
  if (missing.length === 0) return;
  const names = missing.map((name) => `"${name}"`).join(", ");
  throw new BackendError(TYPES_ERRORS.schemaNotFound, {
    message: `The database has no schema ${names}.`,
    hint: `It has these: ${allSchemas.join(", ")}.`,
  });
}
