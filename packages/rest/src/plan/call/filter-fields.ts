import type { CoercibleFilter, CoercibleLogicTree } from "../coercible.ts";
import type { ReadPlan } from "../read-plan.ts";

/** Names that the filters of all levels refer to: columns, and the aliases of null-filtered embeds. */
export function filterFields(readPlan: ReadPlan): ReadonlySet<string> {
  const names = new Set<string>();
  addLevel(readPlan, names);
  return names;
}

function addLevel({ where, children }: ReadPlan, names: Set<string>): void {
  for (const tree of where) addTree(tree, names);
  for (const child of children) addLevel(child, names);
}

function addTree(tree: CoercibleLogicTree, names: Set<string>): void {
  if (tree.kind === "filter") names.add(filteredName(tree.filter));
  else for (const child of tree.children) addTree(child, names);
}

const filteredName = (filter: CoercibleFilter): string => (filter.kind === "field" ? filter.field.name : filter.aggregateAlias);
