import type { Action } from "../../request/api-request.ts";
import type { QualifiedIdentifier } from "../../schema-cache/identifiers.ts";
import { isToOne } from "../../schema-cache/relationship.ts";
import type { ComputedRelationship, Relationship } from "../../schema-cache/relationship.ts";
import type { SchemaCache } from "../../schema-cache/schema-cache.ts";
import type { PlanContext } from "../plan-context.ts";
import { SOURCE_RELATION } from "../source-relation.ts";
import { findRelationship } from "./find-relationship.ts";
import { joinConditions } from "./join-conditions.ts";
import { embedName } from "./read-draft.ts";
import type { ReadDraft } from "./read-draft.ts";

/** Actions whose read plan selects from the rows that a statement before it gave. */
const READS_SOURCE: ReadonlySet<Action["kind"]> = new Set(["relationMutate", "routineCall"]);

/**
 * Gives each embed the relationship to its parent, and what follows from that: its relation, aliases and join.
 *
 * @throws BackendError PGRST200, PGRST201
 */
export function relateEmbeds(root: ReadDraft, schema: string, { request, cache }: PlanContext): void {
  if (READS_SOURCE.has(request.action.kind)) {
    // The alias is the relation's name: relationships are looked for by it.
    root.fromAlias = root.from.name;
    root.from = SOURCE_RELATION;
  }
  relateChildren(root, schema, cache);
}

function relateChildren(parent: ReadDraft, schema: string, cache: SchemaCache): void {
  const origin = parent.depth === 0 ? (parent.fromAlias ?? parent.from.name) : parent.from.name;
  for (const child of parent.children) {
    relate(child, parent, findRelationship({ schema, origin, target: child.relationName, hint: child.hint }, cache));
    relateChildren(child, schema, cache);
  }
}

function relate(child: ReadDraft, parent: ReadDraft, relationship: Relationship): void {
  child.from = relationship.foreignTable;
  child.aggregateAlias = `${relationship.table.name}_${embedName(child)}_${child.depth}`;
  // A many-to-many join names its two relations plainly.
  const joinsJunction = relationship.kind === "foreign-key" && relationship.cardinality.kind === "M2M";
  if (!joinsJunction) child.fromAlias = `${relationship.foreignTable.name}_${child.depth}`;
  if (child.spread !== undefined && !isToOne(relationship)) child.spread = { kind: "toMany", extraSelect: [], order: [] };
  if (relationship.kind === "computed") child.relationToParent = computedOf(relationship, parent.fromAlias);
  else {
    child.relationToParent = relationship;
    child.joinConditions = joinConditions(relationship, child.fromAlias, parent.fromAlias);
  }
}

function computedOf(relationship: ComputedRelationship, parentAlias: string | undefined): ComputedRelationship {
  const tableAlias: QualifiedIdentifier = parentAlias === undefined ? relationship.table : { schema: "", name: parentAlias };
  return { ...relationship, tableAlias };
}
