import type { CoercibleLogicTree } from "../coercible.ts";
import { resolveFilter, resolveLogic } from "../resolve-filter.ts";
import type { MutationSubject } from "./mutation-subject.ts";

/**
 * Which rows are changed. Logic trees of embedded levels narrow the mutation as well, as upstream: fewer rows are
 * changed than might be meant, never more.
 */
export function mutationFilters({ table, context: { cache, request } }: MutationSubject): CoercibleLogicTree[] {
  const { filtersRoot, logic } = request.queryParams;
  return [
    ...filtersRoot.map((filter) => resolveFilter(table, filter, cache)),
    ...logic.map(([, tree]) => resolveLogic(table, tree, cache)),
  ];
}
