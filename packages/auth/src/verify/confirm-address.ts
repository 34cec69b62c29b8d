import { audit } from "../audit/record-audit-entry.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import { saved } from "../database/database-errors.ts";
import { now } from "../database/now.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { confirmEmail } from "../identities/update-user.ts";
import { deleteOneTimeTokens } from "../one-time-tokens/one-time-token.ts";
import { isEmailConfirmed, type LoadedUser } from "../users/user.ts";
import { mergeIdentityData } from "./merge-identity-data.ts";

/** A new user, or one who was invited, has read the mail. */
export async function confirmSignup(call: AuthCall, db: AuthTransaction, user: LoadedUser): Promise<void> {
  await audit(call, db, { action: "user_signedup", actor: user.row, traits: { provider: "email" } });
  await confirmEmail(db, user.row.id);
  for (const identity of user.identities) {
    if (identity.email && identity.email === user.row.email) await mergeIdentityData(db, identity.id, { email_verified: true });
  }
}

/** Who signs in by mail has read it, whether the address was confirmed before or not. */
export async function confirmSignIn(call: AuthCall, db: AuthTransaction, user: LoadedUser): Promise<void> {
  if (!isEmailConfirmed(user.row)) return confirmSignup(call, db, user);
  await audit(call, db, { action: "login", actor: user.row });
  await deleteOneTimeTokens(db, user.row.id);
}

/** The user has the phone. */
export async function confirmPhone(call: AuthCall, db: AuthTransaction, user: LoadedUser): Promise<void> {
  await audit(call, db, { action: "user_signedup", actor: user.row, traits: { provider: "phone" } });
  await saved("Error confirming user", db.updateTable("auth.users").set({ phone_confirmed_at: now(), is_anonymous: false, updated_at: now() }).where("id", "=", user.row.id).execute());
  await deleteOneTimeTokens(db, user.row.id);
  const identity = user.identities.find(({ provider }) => provider === "phone");
  if (identity) await mergeIdentityData(db, identity.id, { phone_verified: true });
}
