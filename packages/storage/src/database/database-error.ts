import { STORAGE_ERRORS, type StorageErrorDefinition } from "../errors.ts";
import { StorageError } from "../storage-error.ts";

interface Raised {
  readonly code?: string;
  readonly message?: string;
  readonly detail?: string;
}

interface Answer {
  readonly as: StorageErrorDefinition;
  /** Default: the definition's. */
  readonly message?: string;
}

/** By SQLSTATE, as upstream has them (`src/storage/database/errors.ts`). */
const ANSWERS: Readonly<Record<string, (error: Raised) => Answer>> = {
  // The database's own word names the policy's table to no purpose; what a trigger of the project raises is for its caller.
  "42501": ({ message = "" }) => ({ as: STORAGE_ERRORS.accessDenied, message: message.includes("row-level security") ? "new row violates row-level security policy" : message }),
  "23505": () => ({ as: STORAGE_ERRORS.resourceExists }),
  "23503": ({ detail = "" }) => ({ as: detail.includes("is still referenced from table") ? STORAGE_ERRORS.referenced : STORAGE_ERRORS.relatedNotFound }),
  "55P03": () => ({ as: STORAGE_ERRORS.resourceLocked }),
  "57014": () => ({ as: STORAGE_ERRORS.databaseTimeout }),
  "25006": () => ({ as: STORAGE_ERRORS.databaseReadOnly }),
  "22P02": ({ message = "" }) => ({ as: STORAGE_ERRORS.invalidParameter, message }),
  // NUL, as text and in JSON.
  "22021": ({ message = "" }) => ({ as: STORAGE_ERRORS.invalidParameter, message }),
  "22P05": ({ message = "" }) => ({ as: STORAGE_ERRORS.invalidParameter, message }),
  // A token names the role.
  "22023": ({ message = "" }) => (/^role .* does not exist$/.test(message) ? { as: STORAGE_ERRORS.invalidJwt, message: `Invalid JWT: ${message}` } : { as: STORAGE_ERRORS.invalidParameter, message }),
  "54001": () => ({ as: STORAGE_ERRORS.invalidParameter, message: "Values are nested too deeply" }),
  // Raised on purpose, by a trigger or a policy's function.
  P0001: ({ message = "" }) => ({ as: STORAGE_ERRORS.invalidRequest, message }),
};

/** What PostgreSQL raised, as Storage answers it; undefined where it was not PostgreSQL. */
export function databaseError(thrown: unknown): StorageError | undefined {
  const { code } = (thrown ?? {}) as Raised;
  if (typeof code !== "string" || !/^[0-9A-Z]{5}$/.test(code)) return undefined;
  const { as, message = as.message } = ANSWERS[code]?.(thrown as Raised) ?? { as: STORAGE_ERRORS.databaseError, message: `database error, code: ${code}` };
  return new StorageError(as, { message, cause: thrown });
}
