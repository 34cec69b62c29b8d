import type { CoercibleLogicTree } from "../coercible.ts";
import type { ReadPlan } from "../read-plan.ts";

/** Columns that the top level's filters and order read, whether they are selected or not. What embeds read is of other relations. */
export function columnsRead({ where, order }: ReadPlan): ReadonlySet<string> {
  const names = new Set<string>();
  for (const tree of where) addTree(tree, names);
  for (const term of order) if (term.kind === "field") names.add(term.field.name);
  return names;
}

function addTree(tree: CoercibleLogicTree, names: Set<string>): void {
  if (tree.kind === "logic") for (const child of tree.children) addTree(child, names);
  else if (tree.filter.kind === "field") names.add(tree.filter.field.name);
}
