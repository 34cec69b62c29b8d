import type { CoercibleOrderTerm } from "../plan/coercible.ts";
import { fieldSql, plainFieldSql } from "./field.ts";
import { namedRelation, type Relation } from "../sql/identifier.ts";
import type { Parameters } from "./parameters.ts";

const DIRECTIONS = { asc: " asc", desc: " desc" } as const;
const NULLS = { first: " nulls first", last: " nulls last" } as const;

/** ` order by …`, or nothing. */
export const orderSql = (table: Relation, terms: readonly CoercibleOrderTerm[], parameters: Parameters): string =>
  terms.length === 0 ? "" : ` order by ${terms.map((term) => orderTermSql(table, term, parameters)).join(", ")}`;

function orderTermSql(table: Relation, term: CoercibleOrderTerm, parameters: Parameters): string {
  const value =
    term.kind === "field" ? fieldSql(table, term.field, parameters) : plainFieldSql(namedRelation(term.relation), term.field, parameters);
  return value + (term.direction ? DIRECTIONS[term.direction] : "") + (term.nulls ? NULLS[term.nulls] : "");
}
