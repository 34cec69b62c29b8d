import type { KeyRow, Oid, PrimaryOrUniqueKeyRow } from "../catalog/catalog-rows.ts";
import { isForeignKey } from "../catalog/is-foreign-key.ts";
import type { NamedRelation } from "../catalog/relation-names.ts";
import { groupBy } from "../group-by.ts";
import type { ViewColumns } from "./view-column-origins.ts";

/** A key of a base table, all of whose columns a view shows. */
export interface ViewKey {
  readonly view: Oid;
  /** For each column of the key the columns of the view that show it: at least one, may be more. */
  readonly columns: ReadonlyArray<readonly string[]>;
}

export interface ViewKeys {
  /** Primary keys by view. */
  readonly primary: ReadonlyMap<Oid, readonly ViewKey[]>;
  /** Views that show the referencing columns, by foreign key. */
  readonly referencing: ReadonlyMap<Oid, readonly ViewKey[]>;
  /** Views that show the referenced columns, by foreign key. */
  readonly referenced: ReadonlyMap<Oid, readonly ViewKey[]>;
}

/** Finds the keys that views let through. */
export const viewKeys = (
  keys: readonly KeyRow[],
  views: readonly ViewColumns[],
  relations: ReadonlyMap<Oid, NamedRelation>,
): ViewKeys => {
  const primaryKeys = groupBy(keys.filter(isPrimaryKey), (key) => key.relation);
  const foreignKeys = keys.filter(isForeignKey);
  const bySource = groupBy(foreignKeys, (key) => key.relation);
  const byTarget = groupBy(foreignKeys, (key) => key.target);
  const found = { primary: new Map<Oid, ViewKey[]>(), referencing: new Map<Oid, ViewKey[]>(), referenced: new Map<Oid, ViewKey[]>() };

  for (const view of views) {
    const names = relations.get(view.view)?.columns ?? new Map<number, string>();
    for (const [base, shown] of view.origins) {
      const add = (into: Map<Oid, ViewKey[]>, id: Oid, columns: readonly number[]): void => {
        const viewColumns = columns.map((column) => (shown.get(column) ?? []).flatMap((position) => names.get(position) ?? []));
        if (viewColumns.every((each) => each.length > 0)) append(into, id, { view: view.view, columns: viewColumns });
      };
      for (const key of primaryKeys.get(base) ?? []) add(found.primary, view.view, key.columns);
      for (const key of bySource.get(base) ?? []) add(found.referencing, key.id, key.columns);
      for (const key of byTarget.get(base) ?? []) add(found.referenced, key.id, key.targetColumns);
    }
  }
  return found;
};

/** Every way to show the key: one column of the view for each column of the key. */
export const keyColumnChoices = (key: ViewKey): ReadonlyArray<readonly string[]> =>
  key.columns.reduce<ReadonlyArray<readonly string[]>>(
    (choices, columns) => choices.flatMap((choice) => columns.map((column) => [...choice, column])),
    [[]],
  );

const isPrimaryKey = (key: KeyRow): key is PrimaryOrUniqueKeyRow => key.kind === "p";

const append = (map: Map<Oid, ViewKey[]>, id: Oid, key: ViewKey): void => {
  const keys = map.get(id);
  if (keys) keys.push(key);
  else map.set(id, [key]);
};
