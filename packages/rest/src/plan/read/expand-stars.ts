import { identifierKey } from "../../schema-cache/identifiers.ts";
import { representationKey } from "../../schema-cache/schema-cache.ts";
import type { SchemaCache } from "../../schema-cache/schema-cache.ts";
import type { Column, Table } from "../../schema-cache/table.ts";
import type { CoercibleSelectField } from "../coercible.ts";
import { resolveColumn, shownAsJson } from "../resolve-field.ts";
import type { ReadDraft } from "./read-draft.ts";

/**
 * Writes out the columns of `*` where they can't be left to PostgreSQL: a column has a data representation, there
 * are aggregates here or above (GROUP BY needs columns), or the level is spread to many.
 *
 * @param rootTable the top level's table, which its `from` doesn't name in mutations
 */
export function expandStars(root: ReadDraft, rootTable: Table | undefined, cache: SchemaCache): void {
  expandLevel(root, rootTable, false, cache);
}

function expandLevel(draft: ReadDraft, table: Table | undefined, aggregatedAbove: boolean, cache: SchemaCache): void {
  const aggregated = aggregatedAbove || draft.spread?.kind === "toMany" || draft.select.some(({ aggregate }) => aggregate !== undefined);
  if (draft.select.some((field) => isExpandable(field, draft)) && (aggregated || hasRepresentation(table, cache))) {
    draft.select = draft.select.flatMap((field) => expand(field, draft, table, cache));
  }
  for (const child of draft.children) expandLevel(child, cache.tables.get(identifierKey(child.from)), aggregated, cache);
}

/** `*`, and `count()` of a spread, which must count the rows of that level alone. */
function isExpandable({ field, aggregate }: CoercibleSelectField, { spread }: ReadDraft): boolean {
  return field.name === "*" && field.jsonPath.length === 0 && (aggregate === undefined || (aggregate === "count" && spread !== undefined));
}

function expand(selected: CoercibleSelectField, draft: ReadDraft, table: Table | undefined, cache: SchemaCache): CoercibleSelectField[] {
  if (!isExpandable(selected, draft)) return [selected];
  if (selected.aggregate !== undefined) return [{ ...selected, field: { ...selected.field, fullRow: true } }];
  return columnsOf(table).map((column) => ({ ...selected, field: shownAsJson(resolveColumn(column), cache) }));
}

function hasRepresentation(table: Table | undefined, { representations }: SchemaCache): boolean {
  return representations.size > 0 && columnsOf(table).some(({ nominalType }) => representations.has(representationKey(nominalType, "json")));
}

const columnsOf = (table: Table | undefined): Column[] => (table === undefined ? [] : [...table.columns.values()]);
