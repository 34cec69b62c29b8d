import type { TypeCatalogRows } from "../catalog/type-catalog-rows.ts";
import { buildRelations } from "./build-relations.ts";
import { buildRoutines } from "./build-routines.ts";
import { byName, compareText } from "./by-name.ts";
import type { CompositeType, DatabaseType, EnumType } from "./database-type.ts";
import type { SchemaModel } from "./schema-model.ts";
import { TypeResolver } from "./type-resolver.ts";

/**
 * Derives what is to be written from the catalogs: pure.
 * @param schemas those that are asked for; one that isn't there is empty
 */
export function buildSchemaModels(rows: TypeCatalogRows, schemas: readonly string[]): readonly SchemaModel[] {
  const types = new TypeResolver(rows);
  const routines = buildRoutines(rows, types);
  const relations = buildRelations(rows, types, routines);
  const own = rows.types.filter(({ schema }) => schemas.includes(schema)).map(({ id }) => types.resolve(id));
  return [...new Set(schemas)].toSorted(compareText).map((name) => {
    const inSchema = (object: { readonly schema: string }): boolean => object.schema === name;
    return {
      name,
      tables: relations.filter((relation) => inSchema(relation) && !relation.isView),
      views: relations.filter((relation) => inSchema(relation) && relation.isView),
      routines: routines.filter(inSchema),
      enums: own.filter(isEnum).filter(inSchema).toSorted(byName),
      composites: own.filter(isStandalone).filter(inSchema).toSorted(byName),
    };
  });
}

const isEnum = (type: DatabaseType): type is EnumType => type.kind === "enum";
const isStandalone = (type: DatabaseType): type is CompositeType => type.kind === "composite" && type.of === "type";
