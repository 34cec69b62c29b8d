import type { ReadPlan } from "../plan/read-plan.ts";
import type { RestConfig } from "../config/rest-config.ts";
import type { ApiRequest } from "../request/api-request.ts";
import { countableSql } from "./count.ts";
import type { Parameters } from "./parameters.ts";
import { isAllRows } from "./range.ts";

/** What of a request decides how its rows are counted. */
export interface Counting {
  readonly count: ApiRequest["preferences"]["count"];
  readonly range: ApiRequest["topLevelRange"];
  readonly maxRows: RestConfig["maxRows"];
}

export const countingOf = (request: ApiRequest, config: RestConfig): Counting => ({
  count: request.preferences.count,
  range: request.topLevelRange,
  maxRows: config.maxRows,
});

/** True where the rows are counted for real; `planned` only asks the planner. */
export const isCounted = ({ count }: Counting): boolean => count === "exact" || count === "estimated";

export const isEstimated = ({ count }: Counting): boolean => count === "planned" || count === "estimated";

/** Whether the rows on the page are all there are, so that nothing has to be counted apart. */
export const pageIsAll = ({ range, maxRows }: Counting): boolean => maxRows === undefined && isAllRows(range);

/** Rows without the limit. An estimate needs an exact count only until it is clear that max-rows is surpassed. */
export function tableTotalSql(plan: ReadPlan, pageTotal: string, counting: Counting, parameters: Parameters): string | undefined {
  if (!isCounted(counting)) return undefined;
  if (pageIsAll(counting)) return pageTotal;
  const enough = counting.count === "estimated" && counting.maxRows !== undefined ? ` limit ${counting.maxRows + 1}` : "";
  return `(select count(*) from (${countableSql(plan, parameters)}${enough}) as pgrst_counted)`;
}
