import { AuthError } from "../../auth-error.ts";
import type { AuthTransaction } from "../../database/auth-database.ts";
import type { UserCall } from "../../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../../errors.ts";
import type { CodeChallenge } from "../../flow-state/code-challenge.ts";
import { updateProviders } from "../../identities/create-identity.ts";
import { reloaded } from "../../identities/update-user.ts";
import { requestEmailChange } from "../../one-time-tokens/email-change.ts";
import { requestPhoneCode } from "../../one-time-tokens/phone-confirmation.ts";
import { findUser } from "../../users/find-user.ts";
import { isEmailTaken } from "../../users/is-email-taken.ts";
import type { LoadedUser } from "../../users/user.ts";
import { changeEmail, changePhone } from "../../verify/change-address.ts";
import type { CheckedUpdate } from "./checked-update.ts";

/** @throws BackendError email_exists, phone_exists */
export async function checkAddressesFree(call: UserCall, { email, phone }: CheckedUpdate): Promise<void> {
  if (email === undefined && phone === undefined) return;
  await call.db(async (db) => {
    if (email !== undefined && (await isEmailTaken(db, email, call.aud, call.user.row.id))) throw new AuthError(AUTH_ERRORS.emailExists);
    if (phone !== undefined && (await findUser(db, { phone, aud: call.aud }))) throw new AuthError(AUTH_ERRORS.phoneExists);
  });
}

/**
 * Asks new addresses to confirm that they are the user's; where the project confirms nothing they are taken at once.
 * @throws BackendError over_email_send_rate_limit, over_sms_send_rate_limit, mail_send_failed, sms_send_failed
 */
export async function changeAddresses(call: UserCall, { email, phone, channel }: CheckedUpdate, pkce: CodeChallenge | undefined): Promise<void> {
  if (email === undefined && phone === undefined) return;
  await call.db(async (db) => {
    let user = await held(db, call);
    if (email !== undefined) user = await changeEmailOf(call, db, user, email, pkce);
    if (phone !== undefined) await changePhoneOf(call, db, user, phone, channel);
  });
}

async function held(db: AuthTransaction, { user }: UserCall): Promise<LoadedUser> {
  const found = await findUser(db, { id: user.row.id }, { forUpdate: true });
  if (found === undefined) throw new AuthError(AUTH_ERRORS.userOfTokenNotFound);
  return found;
}

/** Whoever has an account confirms another address in any case; an anonymous user's first one is like a sign-up. */
async function changeEmailOf(call: UserCall, db: AuthTransaction, user: LoadedUser, email: string, pkce: CodeChallenge | undefined): Promise<LoadedUser> {
  if (!user.row.is_anonymous || !call.config.mailer.autoconfirm) return requestEmailChange(call, db, user, email, pkce);
  await changeEmail(call, db, user, email);
  await updateProviders(db, user.row.id);
  return reloaded(db, user);
}

async function changePhoneOf(call: UserCall, db: AuthTransaction, user: LoadedUser, phone: string, channel: string): Promise<void> {
  if (!call.config.sms.autoconfirm) return void (await requestPhoneCode(call, db, user, { kind: "phone_change", phone, channel }));
  await changePhone(call, db, user, phone);
  await updateProviders(db, user.row.id);
}
