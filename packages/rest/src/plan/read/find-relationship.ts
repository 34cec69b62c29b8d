import { ambiguousRelationships, relationshipNotFound } from "../../errors/schema-cache-errors.ts";
import { relationshipKey } from "../../schema-cache/relationship.ts";
import type { ForeignKeyRelationship, Relationship } from "../../schema-cache/relationship.ts";
import type { SchemaCache } from "../../schema-cache/schema-cache.ts";
import { suggestRelation } from "../suggestions/suggest-relation.ts";
import { constraintIs, foreignColumnIs, junctionIs, ownColumnIs } from "./relationship-names.ts";

/** `/origin?select=target!hint(…)` */
export interface RelationshipSearch {
  readonly schema: string;
  readonly origin: string;
  readonly target: string;
  readonly hint: string | undefined;
}

/**
 * The one relationship of `origin` that target and hint name.
 * https://docs.postgrest.org/en/stable/references/api/resource_embedding.html
 *
 * @throws BackendError PGRST200 if there is none, PGRST201 if there are several
 */
export function findRelationship(search: RelationshipSearch, cache: SchemaCache): Relationship {
  const { schema, origin, target } = search;
  const known = cache.relationships.get(relationshipKey({ schema, name: origin }, schema)) ?? [];
  const matching = known.filter((relationship) => isNamed(relationship, search));
  const [found, other] = matching;
  if (found === undefined) throw relationshipNotFound(search, suggestRelation(search, cache));
  if (other !== undefined) throw ambiguousRelationships(origin, target, matching);
  return found;
}

function isNamed(relationship: Relationship, { target, hint }: RelationshipSearch): boolean {
  if (relationship.kind === "computed") return relationship.function.name === target;
  if (relationship.isSelf) return hint === undefined ? isSelfTarget(relationship, target) : isHintedSelfTarget(relationship, target, hint);
  return hint === undefined ? isTarget(relationship, target) : isHintedTarget(relationship, target, hint);
}

/** The foreign table; of tables also the foreign key, by the constraint's name or its only column. */
function isTarget({ foreignTable, foreignTableIsView, cardinality }: ForeignKeyRelationship, target: string): boolean {
  return foreignTable.name === target || (!foreignTableIsView && (constraintIs(cardinality, target) || ownColumnIs(cardinality, target)));
}

/** The hint is a constraint, a column of either side, or the junction of a many-to-many relationship. */
function isHintedTarget({ foreignTable, cardinality }: ForeignKeyRelationship, target: string, hint: string): boolean {
  return (
    foreignTable.name === target &&
    (constraintIs(cardinality, hint) || ownColumnIs(cardinality, hint) || foreignColumnIs(cardinality, hint) || junctionIs(cardinality, hint))
  );
}

/** One foreign key of a table to itself makes two relationships: the children go by the table, the parent by the column. */
function isSelfTarget({ foreignTable, cardinality }: ForeignKeyRelationship, target: string): boolean {
  return cardinality.kind === "O2M" ? foreignTable.name === target : cardinality.kind === "M2O" && ownColumnIs(cardinality, target);
}

function isHintedSelfTarget({ foreignTable, cardinality }: ForeignKeyRelationship, target: string, hint: string): boolean {
  return cardinality.kind === "O2M" && foreignTable.name === target && foreignColumnIs(cardinality, hint);
}
