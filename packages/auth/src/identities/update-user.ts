import { sql } from "kysely";
import type { AuthTransaction } from "../database/auth-database.ts";
import { saved } from "../database/database-errors.ts";
import { now } from "../database/now.ts";
import { deleteOneTimeTokens } from "../one-time-tokens/one-time-token.ts";
import { findUser } from "../users/find-user.ts";
import type { LoadedUser, Metadata } from "../users/user.ts";
import { updateProviders } from "./create-identity.ts";

/** The user as it is now. */
export async function reloaded(db: AuthTransaction, { row }: Pick<LoadedUser, "row">): Promise<LoadedUser> {
  return (await findUser(db, { id: row.id })) ?? Promise.reject(new Error("The user is gone."));
}

/** Each field of `user_metadata` that is given replaces the one of its name. */
export async function addUserMetadata(db: AuthTransaction, userId: string, added: Metadata): Promise<void> {
  await saved("Database error updating user", sql`
    update auth.users set raw_user_meta_data = coalesce(raw_user_meta_data, '{}') || ${JSON.stringify(added)}::jsonb, updated_at = ${now()} where id = ${userId}`.execute(db));
}

/** The user's e-mail address is known to be the user's own: nothing that was sent to it before is needed any more. */
export async function confirmEmail(db: AuthTransaction, userId: string): Promise<void> {
  await saved("Database error updating user", sql`
    update auth.users set email_confirmed_at = ${now()}, confirmation_token = '', updated_at = ${now()},
      raw_user_meta_data = coalesce(raw_user_meta_data, '{}') || '{"email_verified": true}' where id = ${userId}`.execute(db));
  await deleteOneTimeTokens(db, userId);
}

/**
 * Takes away what somebody else may have prepared who registered the address without owning it: password, metadata and the
 * other identities.
 *
 * @param kept the one by which its owner comes in now
 */
export async function removeUnconfirmed(db: AuthTransaction, userId: string, kept: { readonly id: string; readonly identity_data: Metadata }): Promise<void> {
  await db.deleteFrom("auth.identities").where("user_id", "=", userId).where("id", "<>", kept.id).execute();
  await saved("Error updating user", db
    .updateTable("auth.users")
    .set({ encrypted_password: null, raw_user_meta_data: JSON.stringify(kept.identity_data), updated_at: now() })
    .where("id", "=", userId)
    .execute());
  await updateProviders(db, userId);
}

/** Ends what a former holder of the account could still come in by once its owner is known: sessions, factors, passkeys and the phone. */
export async function endFormerAccess(db: AuthTransaction, userId: string): Promise<void> {
  await db.deleteFrom("auth.sessions").where("user_id", "=", userId).execute();
  await db.deleteFrom("auth.mfa_factors").where("user_id", "=", userId).execute();
  await db.deleteFrom("auth.webauthn_credentials").where("user_id", "=", userId).execute();
  await saved("Error updating user", db.updateTable("auth.users").set({ phone: null, phone_confirmed_at: null, phone_change: "", phone_change_token: "", updated_at: now() }).where("id", "=", userId).execute());
}
