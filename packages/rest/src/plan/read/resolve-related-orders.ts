import { notEmbedded, relatedOrderNotToOne } from "../../errors/api-request-errors.ts";
import { isToOne } from "../../schema-cache/relationship.ts";
import type { CoercibleOrderTerm } from "../coercible.ts";
import { embedName } from "./read-draft.ts";
import type { ReadDraft } from "./read-draft.ts";

/**
 * `order=clients(name)`: by a column of an embed, which must be one row.
 *
 * @throws BackendError PGRST108, PGRST118
 */
export function resolveRelatedOrders(draft: ReadDraft): void {
  if (draft.order.some(({ kind }) => kind === "relation")) draft.order = draft.order.map((term) => resolveTerm(term, draft));
  draft.children.forEach(resolveRelatedOrders);
}

function resolveTerm(term: CoercibleOrderTerm, { from, children }: ReadDraft): CoercibleOrderTerm {
  if (term.kind === "field") return term;
  const embed = children.find((child) => embedName(child) === term.relation);
  if (embed === undefined) throw notEmbedded(term.relation);
  if (embed.relationToParent === undefined || !isToOne(embed.relationToParent)) throw relatedOrderNotToOne(from.name, term.relation);
  return { ...term, relation: embed.aggregateAlias };
}
