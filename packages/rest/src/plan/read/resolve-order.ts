import type { OrderTerm } from "../../request/order.ts";
import type { Table } from "../../schema-cache/table.ts";
import type { CoercibleOrderTerm } from "../coercible.ts";
import { resolveField } from "../resolve-field.ts";

/** A related order keeps the embed's name until `resolveRelatedOrders` has its relationship. */
export function resolveOrder(table: Table | undefined, term: OrderTerm): CoercibleOrderTerm {
  const { direction, nulls } = term;
  return term.kind === "relation"
    ? { kind: "relation", relation: term.relation, field: term.field, direction, nulls }
    : { kind: "field", field: resolveField(table, term.field), direction, nulls };
}
