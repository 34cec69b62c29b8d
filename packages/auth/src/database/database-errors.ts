import { BackendError } from "@plinth/core";
import { AuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";

interface DatabaseError {
  /** SQLSTATE. */
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly constraint?: string;
  readonly schema?: string;
  /** Where in PL/pgSQL it was raised. */
  readonly where?: string;
}

const UNIQUE_VIOLATION = "23505";

const asDatabaseError = (error: unknown): DatabaseError | undefined => {
  const { code, message } = (error ?? {}) as Partial<DatabaseError>;
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && typeof message === "string" && !(error instanceof BackendError) ? (error as DatabaseError) : undefined;
};

/** @param constraint only of that one */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  const found = asDatabaseError(error);
  return found?.code === UNIQUE_VIOLATION && (constraint === undefined || found.constraint === constraint);
}

/** Classes of SQLSTATE that say something of the server, rather than of what was to be written. */
const OF_THE_SERVER = new Set(["08", "53", "55", "57", "58", "XX", "40", "25"]);

/**
 * Waits for a write to `auth.*`. What a trigger or a constraint of the project's own refuses is told with its own words
 * and marked as such: the application has to be mended, not Auth.
 *
 * @param what "Database error saving new user": GoTrue's words, which clients look for
 * @throws BackendError database_raised; anything else as it is
 */
export async function saved<T>(what: string, write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    const found = asDatabaseError(error);
    if (found === undefined || OF_THE_SERVER.has(found.code.slice(0, 2)) || (found.code === UNIQUE_VIOLATION && found.schema === "auth")) throw error;
    const detail = [found.message, found.detail, found.where?.split("\n")[0]].filter(Boolean).join("; ");
    throw new AuthError(AUTH_ERRORS.databaseRaised, {
      message: `${what}: ${found.message}`,
      details: detail,
      hint: found.hint ?? "A trigger, constraint or default of the project's own on auth.users raised this.",
      cause: error,
    });
  }
}
