import type { Oid, ViewRow } from "../catalog/catalog-rows.ts";
import { viewTargets } from "./view-targets.ts";
import type { ColumnOrigin } from "./view-targets.ts";

/** The columns of one view, by the attnum and the relation they come from, through any number of other views. */
export interface ViewColumns {
  readonly view: Oid;
  /** Base relation → its attnum → attnums of the view, ascending. */
  readonly origins: ReadonlyMap<Oid, ReadonlyMap<number, readonly number[]>>;
}

/** What the exposed views show, traced to the bottom. */
export const viewColumnOrigins = (views: readonly ViewRow[]): readonly ViewColumns[] => {
  const targets = new Map(views.map((view) => [view.id, viewTargets(view.query)]));
  return views
    .filter((view) => view.exposed)
    .map((view) => {
      const origins = new Map<Oid, Map<number, number[]>>();
      for (const [position, target] of targets.get(view.id) ?? []) {
        const { relation, column } = trace(target, targets);
        const columns = origins.get(relation) ?? new Map<number, number[]>();
        columns.set(column, [...(columns.get(column) ?? []), position]);
        origins.set(relation, columns);
      }
      return { view: view.id, origins };
    });
};

const trace = (start: ColumnOrigin, targets: ReadonlyMap<Oid, ReadonlyMap<number, ColumnOrigin>>): ColumnOrigin => {
  // A view can come to select from itself (CREATE OR REPLACE VIEW does not forbid it).
  const seen = new Set<Oid>();
  let origin = start;
  for (let next: ColumnOrigin | undefined = start; next && !seen.has(next.relation); ) {
    origin = next;
    seen.add(origin.relation);
    next = targets.get(origin.relation)?.get(origin.column);
  }
  return origin;
};
