import type { AuthTransaction } from "../../database/auth-database.ts";
import { saved } from "../../database/database-errors.ts";
import { now } from "../../database/now.ts";
import type { AuthCall } from "../../endpoint/auth-call.ts";
import { deleteOneTimeTokens } from "../../one-time-tokens/one-time-token.ts";
import { endSessions } from "../../sessions/end-sessions.ts";
import type { LoadedUser } from "../../users/user.ts";

/** As long as GoTrue cuts them: phone numbers were once kept in 15 characters. */
const PHONE_LENGTH = 15;

/**
 * Leaves of a user the row alone, so that what refers to it stays. Addresses become digests of theirs: under the
 * project's key, where GoTrue's can be found by trying addresses.
 */
export async function softDelete({ tenant }: AuthCall, db: AuthTransaction, { row, identities }: LoadedUser): Promise<void> {
  const { id } = row;
  const digest = (value: string): Promise<string> => tenant.secrets.digest(`${id} ${value}`, "auth.soft-delete");
  const scrubbed = async (value: string | null, length?: number): Promise<string | null> => (value ? (await digest(value)).slice(0, length) : value);
  const change = db
    .updateTable("auth.users")
    .set({
      email: await scrubbed(row.email), phone: await scrubbed(row.phone, PHONE_LENGTH), email_change: await scrubbed(row.email_change), phone_change: await scrubbed(row.phone_change, PHONE_LENGTH),
      encrypted_password: null, confirmation_token: "", recovery_token: "", email_change_token_current: "", email_change_token_new: "", phone_change_token: "", reauthentication_token: "",
      raw_user_meta_data: "{}", raw_app_meta_data: "{}", deleted_at: now(), updated_at: now(),
    })
    .where("id", "=", id)
    .execute();
  await saved("Error soft deleting user", change);
  for (const identity of identities) {
    const scrub = db.updateTable("auth.identities").set({ identity_data: "{}", provider_id: await digest(`${identity.provider}:${identity.provider_id}`), updated_at: now() }).where("id", "=", identity.id);
    await saved("Error soft deleting user identities", scrub.execute());
  }
  await deleteOneTimeTokens(db, id);
  await db.deleteFrom("auth.mfa_factors").where("user_id", "=", id).execute();
  await db.deleteFrom("auth.webauthn_credentials").where("user_id", "=", id).execute();
  await db.deleteFrom("auth.oauth_authorizations").where("user_id", "=", id).execute();
  await db.deleteFrom("auth.oauth_consents").where("user_id", "=", id).execute();
  await endSessions(db, id, "global", undefined);
}
