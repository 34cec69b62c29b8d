import type { RestConfig } from "../../config/rest-config.ts";
import { aggregatesNotAllowed } from "../../errors/api-request-errors.ts";
import type { ReadDraft } from "./read-draft.ts";

/** @throws BackendError PGRST123 if there are aggregates and `aggregatesEnabled` is off */
export function checkAggregates(draft: ReadDraft, config: RestConfig): void {
  if (!config.aggregatesEnabled && hasAggregates(draft)) throw aggregatesNotAllowed();
}

function hasAggregates({ select, children }: ReadDraft): boolean {
  return select.some(({ aggregate }) => aggregate !== undefined) || children.some(hasAggregates);
}
