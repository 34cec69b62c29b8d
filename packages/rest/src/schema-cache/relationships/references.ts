import type { ForeignKeyRow, KeyRow, Oid } from "../catalog/catalog-rows.ts";
import { isForeignKey } from "../catalog/is-foreign-key.ts";
import type { NamedRelation } from "../catalog/relation-names.ts";
import { sameIdentifier } from "../identifiers.ts";
import type { QualifiedIdentifier } from "../identifiers.ts";
import type { ColumnPair, ForeignKeyRelationship } from "../relationship.ts";
import { keyColumnChoices } from "../views/view-keys.ts";
import type { ViewKey, ViewKeys } from "../views/view-keys.ts";

/** A relationship seen from the referencing side. */
export type Reference = ForeignKeyRelationship & {
  readonly cardinality: { readonly kind: "M2O" | "O2O"; readonly constraint: string; readonly columns: readonly ColumnPair[] };
};

export interface ReferenceSources {
  readonly keys: readonly KeyRow[];
  readonly relations: ReadonlyMap<Oid, NamedRelation>;
  readonly viewKeys: ViewKeys;
  readonly isExposed: (schema: string) => boolean;
}

/** A relation that a foreign key joins, or a view in its place: with the columns, in the order of the key. */
interface End {
  readonly identifier: QualifiedIdentifier;
  readonly isView: boolean;
  readonly columns: readonly string[];
}

/**
 * Every foreign key between exposed relations, and between the views that show its columns: view to table, table to
 * view, view to view. One-to-one where the referencing columns are a key as well.
 */
export const references = (sources: ReferenceSources): readonly Reference[] => {
  const uniqueColumns = new Set(sources.keys.filter((key) => key.kind !== "f").map((key) => columnSet(key.relation, key.columns)));
  return sources.keys
    .filter(isForeignKey)
    .filter((key) => !key.inherited)
    .flatMap((key) => {
      const kind = uniqueColumns.has(columnSet(key.relation, key.columns)) ? "O2O" : "M2O";
      const targets = referencedEnds(key, sources);
      return referencingEnds(key, sources).flatMap((end) => targets.map((target) => reference(key.name, kind, end, target)));
    });
};

const columnSet = (relation: Oid, columns: readonly number[]): string => `${relation}:${columns.toSorted((a, b) => a - b).join()}`;

const referencingEnds = (key: ForeignKeyRow, sources: ReferenceSources): readonly End[] =>
  ends(key.relation, key.columns, sources.viewKeys.referencing.get(key.id) ?? [], sources);

const referencedEnds = (key: ForeignKeyRow, sources: ReferenceSources): readonly End[] =>
  ends(key.target, key.targetColumns, sources.viewKeys.referenced.get(key.id) ?? [], sources);

const ends = (relation: Oid, columns: readonly number[], views: readonly ViewKey[], sources: ReferenceSources): readonly End[] => {
  const table = sources.relations.get(relation);
  const tableEnds = table ? [{ identifier: table.identifier, isView: false, columns: columns.flatMap((column) => table.columns.get(column) ?? []) }] : [];
  const viewEnds = views.flatMap((key) => {
    const view = sources.relations.get(key.view);
    return view ? keyColumnChoices(key).map((choice) => ({ identifier: view.identifier, isView: true, columns: choice })) : [];
  });
  return [...tableEnds, ...viewEnds].filter((end) => sources.isExposed(end.identifier.schema));
};

const reference = (constraint: string, kind: "M2O" | "O2O", source: End, target: End): Reference => {
  const columns = source.columns.map((column, index): ColumnPair => [column, target.columns[index] ?? ""]);
  return {
    kind: "foreign-key",
    table: source.identifier,
    foreignTable: target.identifier,
    isSelf: source.isView === target.isView && sameIdentifier(source.identifier, target.identifier),
    tableIsView: source.isView,
    foreignTableIsView: target.isView,
    cardinality: kind === "M2O" ? { kind, constraint, columns } : { kind, constraint, columns, isParent: false },
  };
};
