import type { Statement } from "@plinth/core";
import type { RestConfig } from "../config/rest-config.ts";
import { queryParamError } from "../errors/api-request-errors.ts";
import type { CrudPlan } from "../plan/action-plan.ts";
import type { ApiRequest } from "../request/api-request.ts";
import type { MediaType } from "../media-type/media-type.ts";
import { callMainSql } from "./call-query.ts";
import { countableSql } from "./count.ts";
import { explainSql } from "../sql/explain.ts";
import { quoteQualified } from "../sql/identifier.ts";
import type { MainQuery } from "./main-query.ts";
import type { MainSql } from "./main-sql.ts";
import { mutateMainSql } from "./mutate-query.ts";
import { Parameters } from "./parameters.ts";
import { readMainSql } from "./read-query.ts";
import { columnNames } from "./result-columns.ts";
import { countingOf, isEstimated } from "./total.ts";

type BuildMain<P extends CrudPlan> = (plan: P, request: ApiRequest, config: RestConfig, parameters: Parameters) => MainSql;

const BUILDERS: { readonly [K in CrudPlan["kind"]]: BuildMain<Extract<CrudPlan, { kind: K }>> } = {
  read: (plan, request, config, parameters) => readMainSql(plan, countingOf(request, config), parameters),
  mutate: (plan, request, _config, parameters) => mutateMainSql(plan, request, parameters),
  call: (plan, request, config, parameters) => callMainSql(plan, countingOf(request, config), parameters),
};

/** A Bind message counts them in 16 bits. */
const MAX_PARAMETERS = 65_535;

/**
 * Writes the SQL of a plan. Pure: the same plan gives the same text, and plans that differ only in values
 * give the same text with other parameters.
 */
export function buildQuery(plan: CrudPlan, request: ApiRequest, config: RestConfig): MainQuery {
  const parameters = new Parameters();
  const { sql, columns } = (BUILDERS[plan.kind] as BuildMain<CrudPlan>)(plan, request, config, parameters);
  if (parameters.values.length > MAX_PARAMETERS) throw queryParamError("The request has too many values", `At most ${MAX_PARAMETERS} can be sent to PostgreSQL in one statement.`);
  return {
    preRequest: preRequestStatement(config),
    main: { sql: explained(plan.mediaType, sql), parameters: parameters.values },
    columns: columnNames(columns),
    explainCount: explainCount(plan, request, config),
  };
}

/** db-pre-request's call; undefined where there is none. */
export const preRequestStatement = ({ preRequest }: RestConfig): Statement | undefined =>
  preRequest && { sql: `select ${quoteQualified(preRequest)}()`, parameters: [] };

const explained = (mediaType: MediaType, sql: string): string =>
  mediaType.kind === "plan" ? explainSql(mediaType.format, mediaType.options, sql) : sql;

function explainCount(plan: CrudPlan, request: ApiRequest, config: RestConfig): MainQuery["explainCount"] {
  if (plan.kind !== "read" || plan.mediaType.kind === "plan" || !isEstimated(countingOf(request, config))) return undefined;
  const parameters = new Parameters();
  return { sql: explainSql("json", [], countableSql(plan.readPlan, parameters)), parameters: parameters.values };
}
