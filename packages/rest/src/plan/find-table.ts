import { tableNotFound } from "../errors/schema-cache-errors.ts";
import { identifierKey } from "../schema-cache/identifiers.ts";
import type { QualifiedIdentifier } from "../schema-cache/identifiers.ts";
import type { SchemaCache } from "../schema-cache/schema-cache.ts";
import type { Table } from "../schema-cache/table.ts";
import { suggestTable } from "./suggestions/suggest-table.ts";

/** @throws BackendError PGRST205, naming the most similar table of the schema, if there is one */
export function findTable(target: QualifiedIdentifier, cache: SchemaCache): Table {
  const table = cache.tables.get(identifierKey(target));
  if (table === undefined) throw tableNotFound(target, suggestTable(target, cache));
  return table;
}
