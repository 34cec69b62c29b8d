import { isUuid } from "@plinth/core";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { findUser, type FindUserOptions } from "../users/find-user.ts";
import type { LoadedUser } from "../users/user.ts";

/**
 * A part of the path that has to be a UUID.
 * @throws BackendError validation_failed with 404, as GoTrue has it: there is nothing at such an address
 */
export function uuidParam({ params }: Pick<AuthCall, "params">, name: string, shown: string): string {
  const value = params[name];
  if (!isUuid(value)) throw new AuthError(AUTH_ERRORS.validationFailed, { status: 404, message: `${shown} must be an UUID` });
  return value;
}

/**
 * The user whose id the path has: deleted softly or not.
 * @throws BackendError validation_failed, user_not_found
 */
export async function loadTarget(call: AuthCall, db: AuthTransaction, options?: FindUserOptions): Promise<LoadedUser> {
  const user = await findUser(db, { id: uuidParam(call, "userId", "user_id") }, options);
  if (user === undefined) throw new AuthError(AUTH_ERRORS.userNotFound);
  return user;
}
