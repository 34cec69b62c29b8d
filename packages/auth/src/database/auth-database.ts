import { AUTH_ADMIN_ROLE, BackendError, type ScopedTransaction, type Tenant } from "@plinth/core";
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
  try {
    return await tenant.transaction<AuthTables, T>({ role: AUTH_ADMIN_ROLE, statementTimeoutMs: STATEMENT_TIMEOUT, ...(signal ? { signal } : {}) }, work);
  } catch (error) {
    if (isNotSetUp(error)) throw new BackendError(AUTH_ERRORS.notSetUp, { cause: error });
    throw error;
  }
}

function isNotSetUp(error: unknown): boolean {
  const { code, message = "" } = (error ?? {}) as { code?: string; message?: string };
  if (code === UNDEFINED_TABLE) return message.includes('"auth.');
  return (code === INSUFFICIENT_PRIVILEGE || code === INVALID_ROLE) && message.includes(AUTH_ADMIN_ROLE);
}
