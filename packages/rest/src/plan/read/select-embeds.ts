import { isToOne } from "../../schema-cache/relationship.ts";
import type { Relationship } from "../../schema-cache/relationship.ts";
import type { RelationSelectField, SpreadSelectField } from "../read-plan.ts";
import { embedName } from "./read-draft.ts";
import type { ReadDraft } from "./read-draft.ts";

/**
 * Says how each level selects its embeds: as JSON, or spread among its own fields.
 *
 * @returns whether nothing is selected at this level or below, as in `clients()`
 */
export function selectEmbeds(draft: ReadDraft): boolean {
  let empty = draft.select.length === 0;
  for (const child of draft.children) {
    const childEmpty = selectEmbeds(child);
    empty &&= childEmpty;
    if (child.relationToParent !== undefined) draft.relationSelect.push(selectOf(child, child.relationToParent, childEmpty));
  }
  return empty;
}

function selectOf(child: ReadDraft, relationship: Relationship, empty: boolean): RelationSelectField {
  const { aggregateAlias } = child;
  if (child.spread !== undefined) return { kind: "spread", fields: spreadFields(child), aggregateAlias };
  return { kind: "jsonEmbed", name: embedName(child), aggregateAlias, mode: isToOne(relationship) ? "object" : "array", empty };
}

function spreadFields({ select, relationSelect }: ReadDraft): SpreadSelectField[] {
  return [...select.map(({ field, alias }) => spreadField(alias ?? field.name)), ...relationSelect.flatMap(fieldsOfEmbed)];
}

/** An empty embed isn't among the columns of the level that is spread. */
function fieldsOfEmbed(embed: RelationSelectField): readonly SpreadSelectField[] {
  if (embed.kind === "spread") return embed.fields;
  return embed.empty ? [] : [spreadField(embed.name)];
}

const spreadField = (name: string): SpreadSelectField => ({ name, aggregate: undefined, aggregateCast: undefined, alias: undefined });
