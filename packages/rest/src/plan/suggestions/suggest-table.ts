import type { QualifiedIdentifier } from "../../schema-cache/identifiers.ts";
import type { SchemaCache } from "../../schema-cache/schema-cache.ts";
import { mostSimilar, SIMILAR_NAME } from "./most-similar.ts";

/** Schemas of this many tables aren't searched: it would take too long for an error. */
const TOO_MANY_TABLES = 500;

export function suggestTable({ schema, name }: QualifiedIdentifier, cache: SchemaCache): string | null {
  const names = [...cache.tables.values()].filter((table) => table.schema === schema).map((table) => table.name);
  if (names.length >= TOO_MANY_TABLES) return null;
  const [best] = mostSimilar(name, names, SIMILAR_NAME);
  return best === undefined ? null : `Perhaps you meant the table '${schema}.${best.text}'`;
}
