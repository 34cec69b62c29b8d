import type { ReadPlan, RelationSelectField, SpreadSelectField } from "../plan/read-plan.ts";
import { referencesEmbed } from "./embed-references.ts";
import { spreadItemSql } from "./field.ts";
import { columnOf, namedRelation, quoteIdentifier } from "../sql/identifier.ts";
import { orderSql } from "./order.ts";
import type { ReadContext } from "./read-context.ts";

/** What the embeds of a level add to its SELECT. */
export interface EmbedsSql {
  /** Of the SELECT list. */
  readonly items: readonly string[];
  /** Lateral joins, each with a space before it. */
  readonly joins: string;
}

/** The SELECT of a child: given from outside, because that in turn needs the embeds of its own children. */
type ReadChild = (child: ReadPlan) => string;

export function embedsSql(plan: ReadPlan, context: ReadContext, readChild: ReadChild): EmbedsSql {
  const items: string[] = [];
  let joins = "";
  for (const field of plan.relationSelect) {
    const child = plan.children.find((candidate) => candidate.aggregateAlias === field.aggregateAlias);
    if (child === undefined) continue;
    if (isSubselect(plan, field, child)) {
      items.push(`coalesce((${aggregatedSql(field, child, context, readChild(child))}), '[]') as ${quoteIdentifier(field.name)}`);
    } else {
      items.push(...joinedItems(field, context));
      joins += joinSql(field, child, context, readChild(child));
    }
  }
  return { items, joins };
}

type JsonEmbed = Extract<RelationSelectField, { kind: "jsonEmbed" }>;

/**
 * An array that nothing but the SELECT list refers to is a subselect there: PostgreSQL then computes it
 * after the level's limit, where a join would compute it for every row that the limit throws away.
 */
const isSubselect = (plan: ReadPlan, field: RelationSelectField, child: ReadPlan): field is JsonEmbed =>
  field.kind === "jsonEmbed" && field.mode === "array" && !field.empty && child.join !== "inner" && !referencesEmbed(plan, field.aggregateAlias);

function joinedItems(field: RelationSelectField, { jsonCast }: ReadContext): string[] {
  const embed = namedRelation(field.aggregateAlias);
  if (field.kind === "spread") return field.fields.map((item) => spreadItemSql(embed, item));
  if (field.empty) return [];
  const json = field.mode === "object" ? `row_to_json(${embed.sql}.*)${jsonCast}` : `coalesce(${embed.sql}.${embed.sql}, '[]')`;
  return [`${json} as ${quoteIdentifier(field.name)}`];
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
