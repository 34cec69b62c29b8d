import { columnNotFound } from "../../errors/schema-cache-errors.ts";
import type { CoercibleField } from "../coercible.ts";
import { parsedFrom, resolveColumn } from "../resolve-field.ts";
import type { MutationSubject } from "./mutation-subject.ts";

/**
 * The columns a body sets, sorted by name, with what parses them from JSON.
 *
 * @throws BackendError PGRST204 if the table has no such column
 */
export function payloadColumns({ table, context: { request, cache } }: MutationSubject): CoercibleField[] {
  return [...request.columns].sort().map((name) => {
    const column = table.columns.get(name);
    if (column === undefined) throw columnNotFound(table.name, name);
    return parsedFrom("json", resolveColumn(column), cache);
  });
}
