import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import type { LoadedUser } from "../users/user.ts";

/** Sends the message by which a new user shows whose number it is. @returns the user as it is now */
export async function requestPhoneConfirmation(_call: AuthCall, _db: AuthTransaction, _user: LoadedUser, _channel: string): Promise<LoadedUser> {
  throw new AuthError(AUTH_ERRORS.smsProviderMissing);
}
