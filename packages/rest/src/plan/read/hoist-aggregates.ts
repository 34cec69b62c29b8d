import type { CoercibleSelectField } from "../coercible.ts";
import type { RelationSelectField, SpreadSelectField } from "../read-plan.ts";
import type { ReadDraft } from "./read-draft.ts";

/** An aggregate on its way up: which column of which lateral join it takes. */
interface HoistedAggregate extends SpreadSelectField {
  readonly aggregateAlias: string;
}

/**
 * Moves the aggregates of levels that are spread to one up to the level they are spread into: there they have the
 * rows to aggregate, `select=client_id,...invoices(total.sum())` being the sum by client and not of a single row.
 */
export function hoistAggregates(root: ReadDraft): void {
  hoistFrom(root);
}

function hoistFrom(draft: ReadDraft): readonly HoistedAggregate[] {
  const fromChildren = draft.children.flatMap(hoistFrom);
  if (draft.spread?.kind !== "toOne") {
    if (fromChildren.length > 0) land(draft, fromChildren);
    return [];
  }
  const { aggregateAlias } = draft;
  const own = draft.select.flatMap((selected) => hoisted(selected, aggregateAlias));
  if (own.length > 0) draft.select = draft.select.map((selected) => ({ ...selected, aggregate: undefined, aggregateCast: undefined }));
  return [...own, ...fromChildren.map((aggregate) => ({ ...aggregate, aggregateAlias }))];
}

function hoisted({ field, aggregate, aggregateCast, alias }: CoercibleSelectField, aggregateAlias: string): HoistedAggregate[] {
  return aggregate === undefined ? [] : [{ aggregateAlias, name: alias ?? field.name, aggregate, aggregateCast, alias }];
}

function land(draft: ReadDraft, aggregates: readonly HoistedAggregate[]): void {
  const byColumn = new Map(aggregates.toReversed().map((aggregate) => [columnKey(aggregate.aggregateAlias, aggregate.name), aggregate]));
  draft.relationSelect = draft.relationSelect.map((embed) => landIn(embed, byColumn));
}

function landIn(embed: RelationSelectField, byColumn: ReadonlyMap<string, HoistedAggregate>): RelationSelectField {
  if (embed.kind === "jsonEmbed") return embed;
  const fields = embed.fields.map((field) => {
    const landing = byColumn.get(columnKey(embed.aggregateAlias, field.name));
    return landing === undefined ? field : { name: field.name, aggregate: landing.aggregate, aggregateCast: landing.aggregateCast, alias: landing.alias };
  });
  return { ...embed, fields };
}

const columnKey = (aggregateAlias: string, name: string): string => `${aggregateAlias}\0${name}`;
