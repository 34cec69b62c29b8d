import type { QualifiedIdentifier } from "../identifiers.ts";
import type { Cardinality, ColumnPair, Relationship } from "../relationship.ts";

const CARDINALITIES: readonly Cardinality["kind"][] = ["O2M", "M2O", "O2O", "M2M"];

/**
 * Sorts relationships the way PostgREST lists them, which shows where it has to choose among several and where it
 * tells of an ambiguity: detected before computed ones; by table, target, self-reference, cardinality, constraint.
 */
export const inListingOrder = (relationships: readonly Relationship[]): readonly Relationship[] =>
  relationships.length < 2
    ? relationships
    : relationships
        .map((relationship) => ({ relationship, key: sortKey(relationship) }))
        .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
        .map(({ relationship }) => relationship);

// NUL sorts before any character that a name may have, so that a name sorts before those it is the beginning of.
const sortKey = (rel: Relationship): string =>
  (rel.kind === "computed"
    ? ["1", ...names(rel.function), ...names(rel.table), ...names(rel.foreignTable), flag(rel.toOne), flag(rel.isSelf)]
    : ["0", ...names(rel.table), ...names(rel.foreignTable), flag(rel.isSelf), ...cardinalityKey(rel.cardinality), flag(rel.tableIsView), flag(rel.foreignTableIsView)]
  ).join("\0");

const cardinalityKey = (cardinality: Cardinality): readonly string[] => [
  String(CARDINALITIES.indexOf(cardinality.kind)),
  ...(cardinality.kind === "M2M" ? junctionKey(cardinality) : [cardinality.constraint, ...pairs(cardinality.columns)]),
  ...(cardinality.kind === "O2O" ? [flag(cardinality.isParent)] : []),
];

const junctionKey = ({ junction }: Extract<Cardinality, { kind: "M2M" }>): readonly string[] => [
  ...names(junction.table),
  junction.constraint1,
  junction.constraint2,
  ...pairs(junction.sourceColumns),
  ...pairs(junction.targetColumns),
];

const names = ({ schema, name }: QualifiedIdentifier): readonly string[] => [schema, name];
const pairs = (columns: readonly ColumnPair[]): readonly string[] => [...columns.flat(), ""];
const flag = (value: boolean): string => (value ? "1" : "0");
