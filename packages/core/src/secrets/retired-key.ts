import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";

/** SQLSTATE foreign_key_violation. */
const FOREIGN_KEY_VIOLATION = "23503";

/** Whether the database refused a secret, or the end of a master key, since the two belong together. See `SealedColumn`. */
export function isMasterKeyViolation(error: unknown): boolean {
  const { code, constraint } = error as { readonly code?: unknown; readonly constraint?: unknown };
  return code === FOREIGN_KEY_VIOLATION && typeof constraint === "string" && constraint.endsWith("_key_fkey");
}

/** What whoever seals with a master key is told that has been rotated away. */
export function retiredKey(cause: unknown): BackendError {
  return new BackendError(CORE_ERRORS.masterKeyInvalid, { message: "The master key of this process was retired by another one meanwhile.", hint: "Start this process anew with the new master key.", cause });
}
