import type { QualifiedIdentifier } from "../../schema-cache/identifiers.ts";
import type { Table } from "../../schema-cache/table.ts";
import type { PlanContext } from "../plan-context.ts";
import type { ReadPlan } from "../read-plan.ts";

/** What a mutation is planned from; the read plan says what is shown of the rows afterwards. */
export interface MutationSubject {
  readonly target: QualifiedIdentifier;
  readonly table: Table;
  readonly readPlan: ReadPlan;
  readonly context: PlanContext;
}
