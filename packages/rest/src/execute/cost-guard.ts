import { BackendError, type Checkpoint, type Statement, type Tenant } from "@plinth/core";
import type { RestConfig } from "../config/rest-config.ts";
import { API_REQUEST_ERRORS } from "../errors/api-request-errors.ts";
import type { CrudPlan } from "../plan/action-plan.ts";
import { explainSql } from "../sql/explain.ts";
import { firstPlan } from "./first-plan.ts";

/** The statement that asks the planner, and what its answer is held against. */
export interface CostGuard {
  readonly statement: Statement;
  /** @param at where the statement is among those of the transaction */
  checkpoint(at: number): Checkpoint;
}

/**
 * What stands before a read that may cost no more than `maxCost`; undefined where nothing does.
 *
 * @param main the read's statement
 */
export function costGuard(tenant: Pick<Tenant, "project">, role: string, plan: CrudPlan, main: Statement, { maxCost }: RestConfig): CostGuard | undefined {
  if (maxCost === undefined || plan.kind !== "read") return undefined;
  const limit = limitOf(maxCost, role, tenant);
  const sql = runSql(plan, main.sql);
  if (limit === undefined || sql === undefined) return undefined;
  return {
    statement: { sql: explainSql("json", [], sql), parameters: main.parameters },
    checkpoint: (at) => ({
      after: at + 1,
      check: (results) => {
        const cost = firstPlan(results[at])?.["Total Cost"];
        // Not how much it would be: that tells of rows which the role may not see.
        if (cost === undefined || cost > limit) throw new BackendError(API_REQUEST_ERRORS.readTooCostly);
      },
    }),
  };
}

/** One limit for all is not the service role's. */
function limitOf(maxCost: NonNullable<RestConfig["maxCost"]>, role: string, { project }: Pick<Tenant, "project">): number | undefined {
  if (typeof maxCost !== "number") return Object.hasOwn(maxCost, role) ? maxCost[role] : undefined;
  return role === project.roles.service ? undefined : maxCost;
}

/** What would be run: of a plan that is asked for, what is explained, where it is run for that; else nothing is. */
function runSql({ mediaType }: CrudPlan, sql: string): string | undefined {
  if (mediaType.kind !== "plan") return sql;
  if (!mediaType.options.includes("analyze")) return undefined;
  return sql.slice(explainSql(mediaType.format, mediaType.options, "").length);
}
