import type { ReadPlan, RelationSelectField, SpreadSelectField } from "../plan/read-plan.ts";
import { spreadItemSql } from "./field.ts";
import { columnOf, namedRelation, quoteIdentifier } from "./identifier.ts";
import { orderSql } from "./order.ts";
import type { ReadContext } from "./read-context.ts";

/** What the embeds add to their parent's SELECT list. */
export const embedItems = (plan: ReadPlan, context: ReadContext): string[] =>
  plan.relationSelect.flatMap((field) => embedItem(field, context));

function embedItem(field: RelationSelectField, { jsonCast }: ReadContext): string[] {
  const embed = namedRelation(field.aggregateAlias);
  if (field.kind === "spread") return field.fields.map((item) => spreadItemSql(embed, item));
  if (field.empty) return [];
  const json = field.mode === "object" ? `row_to_json(${embed.sql}.*)${jsonCast}` : `coalesce(${embed.sql}.${embed.sql}, '[]')`;
  return [`${json} as ${quoteIdentifier(field.name)}`];
}

/** The SELECT of a child: given from outside, because that in turn needs the joins of its own children. */
type ReadChild = (child: ReadPlan) => string;

/** One lateral join per embed, under its aggregate alias. */
export function joinsSql(plan: ReadPlan, context: ReadContext, readChild: ReadChild): string {
  return plan.relationSelect
    .map((field) => {
      const child = plan.children.find((candidate) => candidate.aggregateAlias === field.aggregateAlias);
      return child === undefined ? "" : joinSql(field, child, context, readChild(child));
    })
    .join("");
}

function joinSql(field: RelationSelectField, child: ReadPlan, context: ReadContext, rows: string): string {
  const alias = quoteIdentifier(field.aggregateAlias);
  const inner = child.join === "inner";
  const many = isMany(field, child);
  const subquery = many ? aggregatedSql(field, child, context, rows) : rows;
  // A to-many subquery always gives its one row: whether it has any element is in its first column.
  return ` ${inner ? "inner" : "left"} join lateral (${subquery}) as ${alias} on ${inner && many ? `${alias}.${alias} is not null` : "true"}`;
}

const isMany = (field: RelationSelectField, child: ReadPlan): boolean =>
  field.kind === "jsonEmbed" ? field.mode === "array" : child.spread?.kind === "toMany";

/** The child's rows as one array, or as an array per spread column; null, or in the first column null, where there are none. */
function aggregatedSql(field: RelationSelectField, child: ReadPlan, context: ReadContext, rows: string): string {
  const alias = quoteIdentifier(field.aggregateAlias);
  if (field.kind === "jsonEmbed") return `select json_agg(${alias})${context.jsonCast} as ${alias} from (${rows}) as ${alias}`;
  const columns = field.fields.map((item) => `, ${spreadArraySql(field.aggregateAlias, item, child, context)}`);
  return `select nullif(count(*), 0) as ${alias}${columns.join("")} from (${rows}) as ${alias}`;
}

function spreadArraySql(aggregateAlias: string, item: SpreadSelectField, child: ReadPlan, context: ReadContext): string {
  const embed = namedRelation(aggregateAlias);
  const order = child.spread?.kind === "toMany" ? orderSql(embed, child.spread.order, context.parameters) : "";
  const array = `coalesce(json_agg(${columnOf(embed, item.name)}${order}), '[]')${context.jsonCast}`;
  return `${array} as ${quoteIdentifier(item.alias ?? item.name)}`;
}
