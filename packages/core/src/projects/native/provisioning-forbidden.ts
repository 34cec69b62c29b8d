import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";

/** The admin URL's role lacks a right. `remedy` is what a superuser can run. */
export function provisioningForbidden(what: string, remedy: string, cause: unknown): BackendError {
  return new BackendError(CORE_ERRORS.provisioningFailed, {
    message: `The role of the database URL may not ${what}.`,
    details: cause instanceof Error ? cause.message : null,
    hint: `Let a superuser of the server run: ${remedy}`,
    cause,
  });
}
