import type { RoutineRow } from "./catalog/catalog-rows.ts";
import { groupBy } from "./group-by.ts";
import { identifierKey } from "./identifiers.ts";
import { ISOLATION_SETTING, toIsolation } from "./isolation.ts";
import { compareRoutines } from "./routine-order.ts";
import type { Routine } from "./routine.ts";

/** The routines by `identifierKey`, overloads in the order they are tried in. */
export const buildRoutines = (rows: readonly RoutineRow[]): ReadonlyMap<string, readonly Routine[]> => {
  const grouped = groupBy(rows.map(buildRoutine), identifierKey);
  return new Map([...grouped].map(([key, routines]) => [key, routines.sort(compareRoutines)]));
};

const VOLATILITY = { v: "volatile", s: "stable", i: "immutable" } as const;

/** db-hoisted-tx-settings: the only settings of a function that apply to the whole transaction. */
const HOISTED_SETTINGS: ReadonlySet<string> = new Set(["statement_timeout", "plan_filter.statement_cost_limit", ISOLATION_SETTING]);

export const buildRoutine = (row: RoutineRow): Routine => {
  const settings = hoistedSettings(row.settings ?? []);
  const isolation = settings.find(([name]) => name === ISOLATION_SETTING)?.[1];
  return {
    schema: row.schema,
    name: row.name,
    description: row.description,
    params: row.params ?? [],
    returns: {
      setOf: row.setOf,
      kind: row.composite ? "composite" : "scalar",
      type: { schema: row.returnSchema, name: row.returnName },
      isDomainAlias: row.domain,
    },
    volatility: VOLATILITY[row.volatility],
    hasVariadic: row.variadic,
    isolation: isolation === undefined ? null : toIsolation(isolation),
    settings,
  };
};

const hoistedSettings = (settings: readonly string[]): ReadonlyArray<readonly [name: string, value: string]> =>
  settings.flatMap((setting) => {
    const [name = ""] = setting.split("=", 1);
    return HOISTED_SETTINGS.has(name) ? [[name, setting.slice(name.length + 1)] as const] : [];
  });
