import type { ReadPlan } from "../plan/read-plan.ts";
import { isAllRows } from "./range.ts";

/**
 * Whether a read takes the rows of its source (a CTE: a mutation's or a function's result) just as they are,
 * so that the SELECT around them can be left out.
 */
export const takesSourceAsIs = (plan: ReadPlan): boolean =>
  selectsEverything(plan) && plan.where.length === 0 && plan.order.length === 0 && plan.children.length === 0 && isAllRows(plan.range);

function selectsEverything({ select }: ReadPlan): boolean {
  const [item, ...others] = select;
  if (item === undefined) return true;
  return others.length === 0 && item.field.name === "*" && item.aggregate === undefined && item.cast === undefined && item.alias === undefined;
}
