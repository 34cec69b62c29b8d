import type { Filter, LogicTree } from "../request/filter.ts";
import type { SchemaCache } from "../schema-cache/schema-cache.ts";
import type { Table } from "../schema-cache/table.ts";
import type { CoercibleField, CoercibleLogicTree } from "./coercible.ts";
import { parsedFrom, resolveField } from "./resolve-field.ts";

export function resolveFilter(table: Table | undefined, filter: Filter, cache: SchemaCache): CoercibleLogicTree {
  return { kind: "filter", filter: { kind: "field", field: filteredField(table, filter, cache), expression: filter.expression } };
}

export function resolveLogic(table: Table | undefined, tree: LogicTree, cache: SchemaCache): CoercibleLogicTree {
  if (tree.kind === "filter") return resolveFilter(table, tree.filter, cache);
  return { kind: "logic", negated: tree.negated, operator: tree.operator, children: tree.children.map((child) => resolveLogic(table, child, cache)) };
}

function filteredField(table: Table | undefined, { field, expression }: Filter, cache: SchemaCache): CoercibleField {
  const operation = expression.kind === "operation" ? expression.operation : undefined;
  const toTsVector = operation?.kind === "fts" ? { language: operation.language } : undefined;
  return parsedFrom("text", resolveField(table, field, toTsVector), cache);
}
