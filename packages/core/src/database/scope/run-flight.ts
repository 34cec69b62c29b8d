import type pg from "pg";
import type { Scope } from "../../tenant/scope.ts";
import type { Checkpoint, Ending, RawResult, Statement } from "../statement.ts";
import { PreparedStatements } from "./prepared-statements.ts";
import { scopeStatement } from "./scope-statement.ts";
import { type FlightStep, ScopedFlight } from "./scoped-flight.ts";

const COMMIT: FlightStep = { role: undefined, sql: "commit", parameters: [] };
const ROLLBACK: FlightStep = { role: undefined, sql: "rollback", parameters: [] };
/** Deferred constraints must speak up before a transaction that is rolled back on purpose is called a success. */
const CHECK_CONSTRAINTS: FlightStep = { role: undefined, sql: "set constraints all immediate", parameters: [] };

const CLOSING: Readonly<Record<"commit" | "rollback", readonly FlightStep[]>> = { commit: [COMMIT], rollback: [CHECK_CONSTRAINTS, ROLLBACK] };

/** Whether statements may be prepared by name: not behind a pooler that shares connections (PgBouncer, transaction mode). */
export type StatementMode = "named" | "unnamed";

const preparedByClient = new WeakMap<pg.ClientBase, PreparedStatements>();

/** Sends `steps` on `client` in one flight. */
export function sendFlight(client: pg.ClientBase, steps: readonly FlightStep[], mode: StatementMode): Promise<readonly RawResult[]> {
  let prepared: PreparedStatements | undefined;
  if (mode === "named") {
    prepared = preparedByClient.get(client);
    if (!prepared) preparedByClient.set(client, (prepared = new PreparedStatements()));
  }
  const flight = new ScopedFlight(steps, prepared);
  client.query(flight as unknown as pg.Submittable);
  return flight.done;
}

/** BEGIN with the scope's isolation level, then its role and claims. */
export const openingSteps = (scope: Scope): FlightStep[] => [
  { role: undefined, sql: `begin${scope.isolation ? ` isolation level ${scope.isolation}` : ""}`, parameters: [] },
  scopeStatement(scope),
];

/**
 * Runs `statements` as the scope in one transaction.
 * One round trip where the ending is known beforehand; a second one to end it where it is decided from the results, and
 * one for a checkpoint.
 */
export async function runFlight(
  client: pg.ClientBase,
  scope: Scope,
  statements: readonly Statement[],
  ending: Ending,
  mode: StatementMode,
  checkpoint?: Checkpoint,
): Promise<readonly RawResult[]> {
  const steps = statements.map((statement) => ({ ...statement, role: scope.role }));
  if (ending === "commit" && !scope.isolation && !checkpoint) {
    return (await sendFlight(client, [scopeStatement(scope), ...steps], mode)).slice(1);
  }
  const begin = openingSteps(scope);
  const closing = typeof ending === "function" ? [] : CLOSING[ending];
  try {
    const checked = checkpoint ? await sendChecked(client, begin, steps, checkpoint, mode) : [];
    const opening = checkpoint ? [] : begin;
    const rest = steps.slice(checked.length);
    const results = await sendFlight(client, [...opening, ...rest, ...closing], mode);
    const own = [...checked, ...results.slice(opening.length, opening.length + rest.length)];
    if (typeof ending === "function") await sendFlight(client, CLOSING[ending(own)], mode);
    return own;
  } catch (error) {
    await rollBack(client, mode);
    throw error;
  }
}

async function sendChecked(client: pg.ClientBase, opening: readonly FlightStep[], steps: readonly FlightStep[], { after, check }: Checkpoint, mode: StatementMode): Promise<readonly RawResult[]> {
  const results = (await sendFlight(client, [...opening, ...steps.slice(0, after)], mode)).slice(opening.length);
  check(results);
  return results;
}

/** Ends a failed transaction; a connection that can't even do that is broken, and its pool destroys it. */
async function rollBack(client: pg.ClientBase, mode: StatementMode): Promise<void> {
  await sendFlight(client, [ROLLBACK], mode).catch(() => undefined);
}
