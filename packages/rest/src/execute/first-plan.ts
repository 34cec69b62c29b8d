import type { RawResult } from "@plinth/core";

/** What is looked at of EXPLAIN's topmost node. */
export interface PlanNode {
  readonly "Plan Rows"?: number;
  readonly "Total Cost"?: number;
}

/** From EXPLAIN (FORMAT JSON): `[{"Plan": {"Plan Rows": 42, …}}]`. */
export function firstPlan(raw: RawResult | undefined): PlanNode | undefined {
  const plans = JSON.parse(raw?.rows[0]?.[0] ?? "[]") as ReadonlyArray<{ readonly Plan?: PlanNode }>;
  return plans[0]?.Plan;
}
