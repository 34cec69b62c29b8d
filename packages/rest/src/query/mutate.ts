import type { CoercibleLogicTree } from "../plan/coercible.ts";
import type { DeletePlan, InsertPlan, MutatePlan, UpdatePlan } from "../plan/mutate-plan.ts";
import { logicTreeSql } from "./filter.ts";
import { columnOf, quoteIdentifier, quoteQualified, type Relation, relationOf } from "../sql/identifier.ts";
import { insertSql } from "./insert.ts";
import { BODY_RELATION, jsonBodySql } from "./json-body.ts";
import type { Parameters } from "./parameters.ts";
import { returningSql } from "./returning.ts";

type MutateSql<P extends MutatePlan> = (plan: P, parameters: Parameters) => string;

const MUTATIONS: { readonly [K in MutatePlan["kind"]]: MutateSql<Extract<MutatePlan, { kind: K }>> } = {
  insert: (plan: InsertPlan, parameters) => insertSql(plan, parameters),
  update: updateSql,
  delete: deleteSql,
};

/** The data-modifying statement itself; its RETURNING is what the response reads. */
export const mutateSql = (plan: MutatePlan, parameters: Parameters): string =>
  (MUTATIONS[plan.kind] as MutateSql<MutatePlan>)(plan, parameters);

function updateSql(plan: UpdatePlan, parameters: Parameters): string {
  const relation = relationOf(plan.into);
  if (plan.columns.length === 0) return unchangedSql(plan, relation);
  const assignments = plan.columns.map(({ name }) => `${quoteIdentifier(name)} = ${columnOf(relationOf(BODY_RELATION), name)}`);
  const body = jsonBodySql(plan.body, plan.columns, { applyDefaults: plan.applyDefaults, firstOnly: false }, parameters);
  return `update ${relation.sql} set ${assignments.join(", ")} from ${body}${whereSql(relation, plan.where, parameters)}${returningSql(relation, plan.returning)}`;
}

/** An update of no columns changes nothing, but what is selected from it must still have its columns. */
function unchangedSql(plan: UpdatePlan, relation: Relation): string {
  const columns = plan.returning.map((column) => columnOf({ sql: relation.row, row: relation.row }, column)).join(", ");
  return `select ${columns || "null"} from ${quoteQualified(plan.into)} where false`;
}

function deleteSql(plan: DeletePlan, parameters: Parameters): string {
  const relation = relationOf(plan.from);
  return `delete from ${relation.sql}${whereSql(relation, plan.where, parameters)}${returningSql(relation, plan.returning)}`;
}

function whereSql(relation: Relation, trees: readonly CoercibleLogicTree[], parameters: Parameters): string {
  return trees.length === 0 ? "" : ` where ${trees.map((tree) => logicTreeSql(relation, tree, parameters)).join(" and ")}`;
}
