import { identifierKey } from "../../schema-cache/identifiers.ts";
import type { QualifiedIdentifier } from "../../schema-cache/identifiers.ts";
import type { PlanContext } from "../plan-context.ts";
import type { ReadPlan } from "../read-plan.ts";
import { checkAggregates } from "./check-aggregates.ts";
import { draftSelect } from "./draft-select.ts";
import { expandStars } from "./expand-stars.ts";
import { hoistAggregates } from "./hoist-aggregates.ts";
import { nameFields } from "./name-fields.ts";
import { orderSpreads } from "./order-spreads.ts";
import { placeQuery } from "./place-query.ts";
import { relateEmbeds } from "./relate-embeds.ts";
import { resolveNullEmbeds } from "./resolve-null-embeds.ts";
import { resolveRelatedOrders } from "./resolve-related-orders.ts";
import { restrictRows } from "./restrict-rows.ts";
import { selectEmbeds } from "./select-embeds.ts";

/**
 * The tree of SELECTs that gives what `select=` asks for, from a table or from what a routine or mutation returns.
 * The order of the steps decides which error a request with several gets.
 *
 * @throws BackendError PGRST108, PGRST118, PGRST123, PGRST127, PGRST200, PGRST201
 */
export function buildReadPlan(target: QualifiedIdentifier, context: PlanContext): ReadPlan {
  const { request, cache, config } = context;
  const draft = draftSelect(request.queryParams.select, target, cache);
  placeQuery(draft, context);
  relateEmbeds(draft, target.schema, context);
  expandStars(draft, cache.tables.get(identifierKey(target)), cache);
  nameFields(draft);
  resolveRelatedOrders(draft);
  resolveNullEmbeds(draft);
  selectEmbeds(draft);
  checkAggregates(draft, config);
  hoistAggregates(draft);
  orderSpreads(draft);
  if (config.maxRows !== undefined && request.action.kind !== "relationMutate") restrictRows(draft, config.maxRows);
  return draft;
}
