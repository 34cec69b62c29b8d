import type { CoercibleField, CoercibleSelectField } from "../coercible.ts";
import type { ReadDraft } from "./read-draft.ts";

/**
 * Names fields that have no alias, where PostgreSQL wouldn't name them as the client expects: JSON paths by their
 * last key, represented fields by their column, aggregates of spreads by their function.
 */
export function nameFields(draft: ReadDraft): void {
  const spread = draft.spread !== undefined;
  if (draft.select.some((field) => nameOf(field, spread) !== undefined)) {
    draft.select = draft.select.map((field) => named(field, spread));
  }
  draft.children.forEach(nameFields);
}

function named(selected: CoercibleSelectField, spread: boolean): CoercibleSelectField {
  const alias = nameOf(selected, spread);
  return alias === undefined ? selected : { ...selected, alias };
}

function nameOf({ field, aggregate, alias }: CoercibleSelectField, spread: boolean): string | undefined {
  if (alias !== undefined) return undefined;
  if (aggregate !== undefined) return spread ? aggregate : undefined;
  if (field.jsonPath.length > 0) return lastKey(field);
  return field.transform === undefined ? undefined : field.name;
}

/** `data->1->key->>2` is shown as "key", `data->3` as "data". */
function lastKey({ name, jsonPath }: CoercibleField): string {
  return jsonPath.findLast(({ operand }) => operand.kind === "key")?.operand.value ?? name;
}
