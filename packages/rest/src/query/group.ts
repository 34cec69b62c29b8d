import type { CoercibleSelectField } from "../plan/coercible.ts";
import type { ReadPlan, RelationSelectField, SpreadSelectField } from "../plan/read-plan.ts";
import { fieldSql } from "./field.ts";
import { columnOf, namedRelation, quoteIdentifier, type Relation } from "../sql/identifier.ts";
import type { Parameters } from "./parameters.ts";

/** ` group by` everything selected that isn't an aggregate, where something is. */
export function groupSql(plan: ReadPlan, relation: Relation, parameters: Parameters): string {
  if (!isGrouped(plan)) return "";
  const terms = [
    ...plan.select.filter((item) => !isAggregate(item)).map((item) => itemTerm(relation, item, parameters)),
    ...plan.relationSelect.flatMap(embedTerms),
  ];
  return terms.length === 0 ? "" : ` group by ${terms.join(", ")}`;
}

/** Whether a level aggregates its rows. */
export const isGrouped = (plan: ReadPlan): boolean => plan.select.some(isAggregate) || plan.relationSelect.some(hasAggregate);

const isAggregate = (item: CoercibleSelectField | SpreadSelectField): boolean => item.aggregate !== undefined;

const hasAggregate = (field: RelationSelectField): boolean => field.kind === "spread" && field.fields.some(isAggregate);

const itemTerm = (relation: Relation, item: CoercibleSelectField, parameters: Parameters): string =>
  item.alias === undefined ? fieldSql(relation, item.field, parameters) : quoteIdentifier(item.alias);

function embedTerms(field: RelationSelectField): string[] {
  if (field.kind === "jsonEmbed") return field.empty ? [] : [quoteIdentifier(field.name)];
  const embed = namedRelation(field.aggregateAlias);
  return field.fields.filter((item) => !isAggregate(item)).map((item) => columnOf(embed, item.alias ?? item.name));
}
