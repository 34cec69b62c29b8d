import type { RowRange } from "../../request/row-range.ts";
import type { ReadDraft } from "./read-draft.ts";

/** No level gives more than `maxRows` rows. */
export function restrictRows(draft: ReadDraft, maxRows: number): void {
  draft.range = restricted(draft.range, maxRows);
  for (const child of draft.children) restrictRows(child, maxRows);
}

function restricted(range: RowRange, maxRows: number): RowRange {
  return range.limit !== undefined && range.limit <= maxRows ? range : { offset: range.offset, limit: maxRows };
}
