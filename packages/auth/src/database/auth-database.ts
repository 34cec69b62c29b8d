import { AUTH_ADMIN_ROLE, BackendError, type RawResult, type Scope, type ScopedTransaction, type Statement, type Tenant } from "@plinth/core";
import { AUTH_ERRORS } from "../errors.ts";
import type { AuthTables } from "./auth-tables.ts";

/** A transaction on a project's users, as the auth admin's role. */
export type AuthTransaction = ScopedTransaction<AuthTables>;

/** Milliseconds that one statement may take: a trigger of the project's own on `auth.users`, say. */
const STATEMENT_TIMEOUT = 10_000;

const INSUFFICIENT_PRIVILEGE = "42501";
const UNDEFINED_TABLE = "42P01";
const INVALID_ROLE = "22023";

/**
 * Runs `work` in one transaction on the project's schema `auth`: commits when it resolves, rolls back when it throws.
 * @throws what `work` throws; BackendError auth_not_set_up where the database has no such schema, or the login may not use it
 */
export async function inAuth<T>(tenant: Tenant, work: (db: AuthTransaction) => Promise<T>, signal?: AbortSignal): Promise<T> {
  return inWords(tenant.transaction<AuthTables, T>(scope(signal), work));
}

/** One statement in one transaction and one round trip. @throws as `inAuth` */
export async function executeInAuth(tenant: Tenant, statement: Statement, signal?: AbortSignal): Promise<RawResult> {
  const [result] = await inWords(tenant.execute(scope(signal), [statement]));
  return result!;
}

const scope = (signal: AbortSignal | undefined): Scope => ({ role: AUTH_ADMIN_ROLE, statementTimeoutMs: STATEMENT_TIMEOUT, ...(signal ? { signal } : {}) });

function inWords<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (isNotSetUp(error)) throw new BackendError(AUTH_ERRORS.notSetUp, { cause: error });
    throw error;
  });
}

function isNotSetUp(error: unknown): boolean {
  const { code, message = "" } = (error ?? {}) as { code?: string; message?: string };
  if (code === UNDEFINED_TABLE) return message.includes('"auth.');
  return (code === INSUFFICIENT_PRIVILEGE || code === INVALID_ROLE) && message.includes(AUTH_ADMIN_ROLE);
}
