import { AUTH_ADMIN_ROLE, BackendError } from "@plinth/core";
import { sql } from "kysely";
import { AuthError } from "../auth-error.ts";
import type { AuthTables } from "../database/auth-tables.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import type { HookOutput } from "./hook-output.ts";

/** Milliseconds. */
const TIMEOUT = 2_000;

const QUERY_CANCELED = "57014";
const RAISED_FOR_CLIENT = /^PT\d{3}$/;

/**
 * Calls the function that `pg-functions://postgres/<schema>/<function>` names, which takes and gives jsonb.
 * @throws BackendError hook_timeout after two seconds; unexpected_failure where it can't be called or fails, the database's
 * words being its cause, which is for the log; what it raises as PT403 and the like, as it is
 */
export async function callHookFunction(call: AuthCall, uri: string, input: object, db: AuthTransaction | undefined): Promise<HookOutput> {
  const name = nameOf(uri);
  const run = async (transaction: AuthTransaction): Promise<HookOutput> => {
    const { rows } = await sql<{ output: unknown }>`select ${sql.id(name.schema, name.function)}(${JSON.stringify(input)}::jsonb) as output`.execute(transaction);
    return toOutput(rows[0]?.output ?? {});
  };
  try {
    if (db !== undefined) return await withTimeout(db, () => run(db));
    return await call.tenant.transaction<AuthTables, HookOutput>({ role: AUTH_ADMIN_ROLE, statementTimeoutMs: TIMEOUT, signal: call.signal }, run);
  } catch (error) {
    throw explain(error, uri, name);
  }
}

interface FunctionName {
  readonly schema: string;
  readonly function: string;
}

function nameOf(uri: string): FunctionName {
  const [schema, name] = new URL(uri).pathname.split("/").slice(1).map(decodeURIComponent);
  if (!schema || !name) throw new AuthError(AUTH_ERRORS.unexpectedFailure, { message: `Error running hook URI: ${uri}`, cause: new Error("It names no function: pg-functions://postgres/<schema>/<function>") });
  return { schema, function: name };
}

/** What else the transaction does has its own time. */
async function withTimeout<T>(db: AuthTransaction, work: () => Promise<T>): Promise<T> {
  const { rows } = await sql<{ before: string }>`select current_setting('statement_timeout') as before, set_config('statement_timeout', ${String(TIMEOUT)}, true)`.execute(db);
  const result = await work();
  await sql`select set_config('statement_timeout', ${rows[0]?.before ?? "0"}, true)`.execute(db);
  return result;
}

function toOutput(output: unknown): HookOutput {
  if (typeof output === "object" && output !== null && !Array.isArray(output)) return output as HookOutput;
  throw new AuthError(AUTH_ERRORS.unexpectedFailure, { message: "Error unmarshaling JSON output." });
}

function explain(error: unknown, uri: string, name: FunctionName): unknown {
  const { code, message = "" } = (error ?? {}) as { code?: string; message?: string };
  if (code === QUERY_CANCELED) return new AuthError(AUTH_ERRORS.hookTimeout, { message: `Failed to reach hook within maximum time of ${(TIMEOUT / 1_000).toFixed(6)} seconds`, cause: error });
  if (code === undefined || error instanceof BackendError || RAISED_FOR_CLIENT.test(code)) return error;
  return new AuthError(AUTH_ERRORS.unexpectedFailure, {
    message: `Error running hook URI: ${uri}`,
    cause: new Error(`${message} (Is there a function ${name.schema}.${name.function}(event jsonb), and was ${AUTH_ADMIN_ROLE} granted its execution and the schema's usage?)`, { cause: error }),
  });
}
