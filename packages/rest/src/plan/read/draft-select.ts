import { ALL_ROWS } from "../../request/row-range.ts";
import type { SelectField, SelectNode } from "../../request/select.ts";
import { identifierKey } from "../../schema-cache/identifiers.ts";
import type { QualifiedIdentifier } from "../../schema-cache/identifiers.ts";
import type { SchemaCache } from "../../schema-cache/schema-cache.ts";
import type { Table } from "../../schema-cache/table.ts";
import type { CoercibleSelectField } from "../coercible.ts";
import { resolveField, shownAsJson } from "../resolve-field.ts";
import type { ReadDraft } from "./read-draft.ts";

/** The levels of `select=`, each with its fields; relationships are looked up later. */
export function draftSelect(forest: readonly SelectNode[], target: QualifiedIdentifier, cache: SchemaCache): ReadDraft {
  const root = emptyDraft(target, 0);
  fill(root, forest, cache);
  return root;
}

function fill(draft: ReadDraft, forest: readonly SelectNode[], cache: SchemaCache): void {
  const table = cache.tables.get(identifierKey(draft.from));
  for (const node of forest) {
    if (node.kind === "field") draft.select.push(selectField(node, table, cache));
    else draft.children.push(embed(node, draft, cache));
  }
}

function embed(node: Exclude<SelectNode, SelectField>, parent: ReadDraft, cache: SchemaCache): ReadDraft {
  const draft = emptyDraft({ schema: parent.from.schema, name: node.relation }, parent.depth + 1);
  draft.hint = node.hint;
  draft.join = node.join;
  if (node.kind === "spread") draft.spread = { kind: "toOne" };
  else draft.alias = node.alias;
  fill(draft, node.children, cache);
  return draft;
}

function selectField({ field, aggregate, aggregateCast, cast, alias }: SelectField, table: Table | undefined, cache: SchemaCache): CoercibleSelectField {
  return { field: shownAsJson(resolveField(table, field), cache), aggregate, aggregateCast, cast, alias };
}

function emptyDraft(from: QualifiedIdentifier, depth: number): ReadDraft {
  return {
    select: [],
    from,
    fromAlias: undefined,
    where: [],
    order: [],
    range: ALL_ROWS,
    relationName: from.name,
    relationToParent: undefined,
    joinConditions: [],
    alias: undefined,
    aggregateAlias: "",
    hint: undefined,
    join: undefined,
    spread: undefined,
    relationSelect: [],
    depth,
    legacyTargetName: false,
    children: [],
  };
}
