import type { Filter, LogicTree } from "./filter.ts";
import type { OrderTerm } from "./order.ts";
import type { RowRange } from "./row-range.ts";
import type { SelectNode } from "./select.ts";

/** Names of the embedded levels, from the top: `clients.projects.name=eq.x` has ["clients", "projects"]. */
export type EmbedPath = readonly string[];

/** The query string, parsed: https://docs.postgrest.org/en/stable/references/api/tables_views.html */
export interface QueryParams {
  /** All parameters sorted by name and encoded again: for Content-Location. */
  readonly canonical: string;
  /** Arguments of a routine called by GET: the parameters that are neither reserved nor filters. */
  readonly params: ReadonlyArray<readonly [name: string, value: string]>;
  /** limit and offset, keyed "limit" for the top level and "a.b.limit" for the embed a.b. */
  readonly ranges: ReadonlyMap<string, RowRange>;
  readonly order: ReadonlyArray<readonly [EmbedPath, readonly OrderTerm[]]>;
  readonly logic: ReadonlyArray<readonly [EmbedPath, LogicTree]>;
  /** columns= */
  readonly columns: ReadonlySet<string> | undefined;
  /** select=, a forest; [{field "*"}] where absent. */
  readonly select: readonly SelectNode[];
  readonly filters: ReadonlyArray<readonly [EmbedPath, Filter]>;
  readonly filtersRoot: readonly Filter[];
  readonly filtersNotRoot: ReadonlyArray<readonly [EmbedPath, Filter]>;
  readonly filterFields: ReadonlySet<string>;
  readonly onConflict: readonly string[] | undefined;
}
