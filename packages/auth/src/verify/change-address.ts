import type { Updateable } from "kysely";
import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { OneTimeTokenType, UsersTable } from "../database/auth-tables.ts";
import { isUniqueViolation, saved } from "../database/database-errors.ts";
import { now } from "../database/now.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { createIdentity } from "../identities/create-identity.ts";
import { confirmEmail, reloaded } from "../identities/update-user.ts";
import { type Notification, sendNotification } from "../mail/send-notification.ts";
import { needsBothHalves } from "../one-time-tokens/email-change.ts";
import { deleteOneTimeTokens } from "../one-time-tokens/one-time-token.ts";
import { isEmailConfirmed, type LoadedUser, type Metadata } from "../users/user.ts";
import { mergeIdentityData } from "./merge-identity-data.ts";

/**
 * One of the addresses agrees to the change of the e-mail address.
 * @returns "half" where the other one has to agree too
 * @throws BackendError email_exists, otp_expired
 */
export async function agreeToEmailChange(call: AuthCall, db: AuthTransaction, user: LoadedUser, token: OneTimeTokenType): Promise<"half" | "changed"> {
  const { id, email_change_confirm_status: agreed } = user.row;
  if (needsBothHalves(call, user.row) && !agreed) {
    await deleteOneTimeTokens(db, id, [token]);
    await saved("Database error updating user", db.updateTable("auth.users").set({ email_change_confirm_status: 1, updated_at: now() }).where("id", "=", id).execute());
    return "half";
  }
  // The present address alone says nothing of the new one.
  if (!agreed && token === "email_change_token_current") throw new AuthError(AUTH_ERRORS.otpExpired, { message: "Email link is invalid or has expired" });
  await changeEmail(call, db, user, user.row.email_change ?? "");
  return "changed";
}

/** @param email known to be the user's @throws BackendError email_exists */
export async function changeEmail(call: AuthCall, db: AuthTransaction, user: LoadedUser, email: string): Promise<void> {
  const { id, email: oldEmail } = user.row;
  await audit(call, db, { action: "user_modified", actor: user.row });
  await setAddress(db, id, { email, email_change: "", email_change_confirm_status: 0, is_anonymous: false });
  await deleteOneTimeTokens(db, id);
  if (!isEmailConfirmed(user.row)) await confirmEmail(db, id);
  const linked = await setIdentity(db, user, "email", { email, email_verified: true });
  const told = await reloaded(db, user);
  if (oldEmail && oldEmail !== email) notifyLater(call, db, { kind: "emailChanged", user: told, to: oldEmail, oldEmail });
  if (linked) notifyLater(call, db, { kind: "identityLinked", user: told, provider: "email" });
}

/** @param phone known to be the user's @throws BackendError phone_exists */
export async function changePhone(call: AuthCall, db: AuthTransaction, user: LoadedUser, phone: string): Promise<void> {
  const { id, phone: oldPhone } = user.row;
  await audit(call, db, { action: "user_modified", actor: user.row });
  await setAddress(db, id, { phone, phone_change: "", phone_confirmed_at: now(), is_anonymous: false });
  await deleteOneTimeTokens(db, id);
  const linked = await setIdentity(db, user, "phone", { phone, phone_verified: true });
  const told = await reloaded(db, user);
  if (oldPhone && oldPhone !== phone) notifyLater(call, db, { kind: "phoneChanged", user: told, oldPhone });
  if (linked) notifyLater(call, db, { kind: "identityLinked", user: told, provider: "phone" });
}

async function setAddress(db: AuthTransaction, userId: string, changes: Updateable<UsersTable>): Promise<void> {
  const update = db.updateTable("auth.users").set({ ...changes, updated_at: now() }).where("id", "=", userId).execute();
  await saved("Error confirming user", update).catch((error: unknown) => {
    if (isUniqueViolation(error, "users_email_partial_key")) throw new AuthError(AUTH_ERRORS.emailExists, { cause: error });
    if (isUniqueViolation(error, "users_phone_key")) throw new AuthError(AUTH_ERRORS.phoneExists, { cause: error });
    throw error;
  });
}

/** @returns whether the user could not sign in so before */
async function setIdentity(db: AuthTransaction, { row: { id }, identities }: LoadedUser, provider: "email" | "phone", data: Metadata): Promise<boolean> {
  const present = identities.find((identity) => identity.provider === provider && identity.provider_id === id);
  if (present) await mergeIdentityData(db, present.id, data);
  else await createIdentity(db, { userId: id, provider, providerId: id, data: { sub: id, ...data } });
  return present === undefined;
}

const notifyLater = (call: AuthCall, db: AuthTransaction, notification: Notification): void => call.afterCommit(db, { run: () => sendNotification(call, notification) });
