import type { Action } from "../../request/api-request.ts";
import type { EmbedPath } from "../../request/query-params.ts";
import { identifierKey } from "../../schema-cache/identifiers.ts";
import type { SchemaCache } from "../../schema-cache/schema-cache.ts";
import type { Table } from "../../schema-cache/table.ts";
import type { PlanContext } from "../plan-context.ts";
import { resolveFilter, resolveLogic } from "../resolve-filter.ts";
import { EmbedTargets } from "./embed-targets.ts";
import { rangePath } from "./range-path.ts";
import type { ReadDraft } from "./read-draft.ts";
import { resolveOrder } from "./resolve-order.ts";

type Entries<T> = ReadonlyArray<readonly [EmbedPath, T]>;

/** Actions whose filters of the top level say what is read; those of a mutation say what is changed. */
const FILTERS_ROWS_READ: ReadonlySet<Action["kind"]> = new Set(["relationRead", "routineCall"]);

/** Puts filters, orders, ranges and logic trees on the levels they are for. */
export function placeQuery(root: ReadDraft, { request, cache, config }: PlanContext): void {
  const { action, queryParams } = request;
  const targets = new EmbedTargets(root, config.urlUseLegacyTargetNames);
  const rowsRead = FILTERS_ROWS_READ.has(action.kind);
  const rootTable = tableOf(root, cache);
  // A walk from the end prepends nothing, so what it pushes is turned round once.
  placeFromEnd(targets, rowsRead ? queryParams.filters : queryParams.filtersNotRoot, (draft, filter) =>
    draft.where.push(resolveFilter(tableOf(draft, cache), filter, cache)));
  // Types of ordered fields are those of the top level's table at all levels, as upstream.
  placeFromEnd(targets, queryParams.order, (draft, terms) => (draft.order = terms.map((term) => resolveOrder(rootTable, term))));
  if (action.kind !== "relationMutate") {
    for (const [key, range] of request.ranges) targets.at(rangePath(key)).range = range;
  }
  placeFromEnd(targets, rowsRead ? queryParams.logic : queryParams.logic.filter(([path]) => path.length > 0), (draft, tree) =>
    draft.where.push(resolveLogic(tableOf(draft, cache), tree, cache)));
  turnRound(root);
}

/** Of several errors the last in the query string is reported, and of several orders of one level the first counts. */
function placeFromEnd<T>(targets: EmbedTargets, entries: Entries<T>, place: (draft: ReadDraft, entry: T) => void): void {
  for (let index = entries.length - 1; index >= 0; index--) {
    const [path, entry] = entries[index]!;
    place(targets.at(path), entry);
  }
}

function turnRound(draft: ReadDraft): void {
  draft.where.reverse();
  draft.children.forEach(turnRound);
}

const tableOf = ({ from }: ReadDraft, cache: SchemaCache): Table | undefined => cache.tables.get(identifierKey(from));
