import type { CoercibleFilter, CoercibleLogicTree } from "../coercible.ts";
import { embedName } from "./read-draft.ts";
import type { ReadDraft } from "./read-draft.ts";

/** `projects=not.is.null` where `projects` is an embed: filters by whether the embed has rows. */
export function resolveNullEmbeds(draft: ReadDraft): void {
  if (draft.where.length > 0 && draft.children.length > 0) {
    const embeds = new Map(draft.children.toReversed().map((child) => [embedName(child), child.aggregateAlias]));
    draft.where = draft.where.map((tree) => resolveTree(tree, embeds));
  }
  draft.children.forEach(resolveNullEmbeds);
}

function resolveTree(tree: CoercibleLogicTree, embeds: ReadonlyMap<string, string>): CoercibleLogicTree {
  if (tree.kind === "logic") return { ...tree, children: tree.children.map((child) => resolveTree(child, embeds)) };
  return { kind: "filter", filter: resolveFilter(tree.filter, embeds) };
}

function resolveFilter(filter: CoercibleFilter, embeds: ReadonlyMap<string, string>): CoercibleFilter {
  if (filter.kind === "nullEmbed" || filter.field.jsonPath.length > 0 || filter.expression.kind === "none") return filter;
  const { operation, negated } = filter.expression;
  const aggregateAlias = embeds.get(filter.field.name);
  if (aggregateAlias === undefined || operation.kind !== "is" || operation.value !== "null") return filter;
  return { kind: "nullEmbed", negated, aggregateAlias };
}
