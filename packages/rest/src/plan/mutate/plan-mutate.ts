import { invalidFilters } from "../../errors/api-request-errors.ts";
import type { Filter } from "../../request/filter.ts";
import type { InsertPlan, MutatePlan } from "../mutate-plan.ts";
import { mutationBody } from "./mutation-body.ts";
import { mutationFilters } from "./mutation-filters.ts";
import type { MutationSubject } from "./mutation-subject.ts";
import { payloadColumns } from "./payload-columns.ts";
import { returningColumns } from "./returning-columns.ts";

export type MutatePlanner = (subject: MutationSubject) => MutatePlan;

/** POST */
export function planInsert(subject: MutationSubject): MutatePlan {
  const { table, context: { request } } = subject;
  const { resolution, missing } = request.preferences;
  return {
    ...insertion(subject),
    onConflict: resolution && { resolution, columns: request.queryParams.onConflict ?? table.primaryKey },
    where: [],
    applyDefaults: missing === "default",
  };
}

/** PUT: inserts or replaces the row that the URL names by its key. */
export function planSingleUpsert(subject: MutationSubject): MutatePlan {
  const { table } = subject;
  if (!namesOneRow(subject)) throw invalidFilters();
  return {
    ...insertion(subject),
    onConflict: { resolution: "merge-duplicates", columns: table.primaryKey },
    where: mutationFilters(subject),
    applyDefaults: false,
  };
}

/** PATCH */
export function planUpdate(subject: MutationSubject): MutatePlan {
  const { request } = subject.context;
  return {
    kind: "update",
    into: subject.target,
    columns: payloadColumns(subject),
    body: mutationBody(request.payload),
    where: mutationFilters(subject),
    returning: returningColumns(subject),
    applyDefaults: request.preferences.missing === "default",
  };
}

/** DELETE */
export function planDelete(subject: MutationSubject): MutatePlan {
  return { kind: "delete", from: subject.target, where: mutationFilters(subject), returning: returningColumns(subject) };
}

function insertion(subject: MutationSubject): Omit<InsertPlan, "onConflict" | "where" | "applyDefaults"> {
  return {
    kind: "insert",
    into: subject.target,
    columns: payloadColumns(subject),
    body: mutationBody(subject.context.request.payload),
    returning: returningColumns(subject),
    primaryKey: subject.table.primaryKey,
  };
}

/** Whether the filters are `eq` on each column of the primary key, and nothing else. */
function namesOneRow({ table, context }: MutationSubject): boolean {
  const { logic, filterFields, filtersRoot } = context.request.queryParams;
  const key = new Set(table.primaryKey);
  return logic.length === 0 && key.size > 0 && filterFields.size === key.size && table.primaryKey.every((name) => filterFields.has(name)) && filtersRoot.every(isPlainEquality);
}

function isPlainEquality({ expression }: Filter): boolean {
  if (expression.kind === "none" || expression.negated) return false;
  const { operation } = expression;
  return operation.kind === "quantified" && operation.operator === "eq" && operation.quantifier === undefined;
}
