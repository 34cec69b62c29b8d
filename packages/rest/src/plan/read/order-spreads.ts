import { notImplemented } from "../../errors/api-request-errors.ts";
import type { CoercibleField, CoercibleOrderTerm, CoercibleSelectField } from "../coercible.ts";
import type { Spread } from "../read-plan.ts";
import { unknownField } from "../resolve-field.ts";
import type { ReadDraft } from "./read-draft.ts";

type ToManySpread = Extract<Spread, { kind: "toMany" }>;

/**
 * Moves the order of levels that are spread to many into the aggregation of their columns, for which the ordered
 * fields must be selected too, under aliases of their own.
 *
 * @throws BackendError PGRST127 on aggregates in such a level
 */
export function orderSpreads(draft: ReadDraft): void {
  if (draft.spread?.kind === "toMany") {
    if (aggregates(draft)) throw notImplemented("Aggregates are not implemented for one-to-many or many-to-many spreads.");
    draft.spread = orderedSpread(draft);
    draft.order = [];
  }
  draft.children.forEach(orderSpreads);
}

function aggregates({ select, relationSelect }: ReadDraft): boolean {
  return (
    select.some(({ aggregate }) => aggregate !== undefined) ||
    relationSelect.some((embed) => embed.kind === "spread" && embed.fields.some(({ aggregate }) => aggregate !== undefined))
  );
}

function orderedSpread({ order, aggregateAlias }: ReadDraft): ToManySpread {
  // The position keeps aliases apart where a field is ordered by twice.
  const aliases = order.map(({ field }, index) => `${aggregateAlias}_${field.name}_${index + 1}`);
  return {
    kind: "toMany",
    extraSelect: order.map((term, index) => [term.kind === "relation" ? term.relation : undefined, selectAs(aliases[index]!, orderedField(term))]),
    order: order.map(({ direction, nulls }, index) => ({ kind: "field", field: unknownField(aliases[index]!), direction, nulls })),
  };
}

const orderedField = (term: CoercibleOrderTerm): CoercibleField =>
  term.kind === "field" ? term.field : unknownField(term.field.name, term.field.jsonPath);

const selectAs = (alias: string, field: CoercibleField): CoercibleSelectField => ({
  field,
  aggregate: undefined,
  aggregateCast: undefined,
  cast: undefined,
  alias,
});
