import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import { saved } from "../database/database-errors.ts";
import { now } from "../database/now.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { sendNotification } from "../mail/send-notification.ts";
import { requestEmailConfirmation } from "../one-time-tokens/email-confirmation.ts";
import { isEmailTaken } from "../users/is-email-taken.ts";
import { findUser } from "../users/find-user.ts";
import { isBanned, type LoadedUser } from "../users/user.ts";
import { createIdentity, findIdentity, updateProviders } from "./create-identity.ts";
import { withChosenEmail } from "./external-profile.ts";
import type { ExternalUser, SignedIn } from "./sign-in-with-identity.ts";
import { confirmEmail, reloaded } from "./update-user.ts";

/**
 * Links an identity to a user who is signed in and asked for it (internal/api/identity.go: linkIdentityToUser). A user
 * without an address, an anonymous one say, gets that of the identity.
 *
 * @throws BackendError identity_already_exists, email_exists, user_not_found, user_banned
 */
export async function linkIdentity(call: AuthCall, db: AuthTransaction, userId: string, external: ExternalUser): Promise<SignedIn> {
  const linked = await link(call, db, userId, external);
  if ("user" in linked) call.afterCommit(db, { run: () => sendNotification(call, { kind: "identityLinked", user: linked.user, provider: external.provider }) });
  return linked;
}

async function link(call: AuthCall, db: AuthTransaction, userId: string, { provider, profile: told }: ExternalUser): Promise<SignedIn> {
  const target = await findUser(db, { id: userId }, { forUpdate: true });
  if (target === undefined || target.row.deleted_at !== null) throw new AuthError(AUTH_ERRORS.userNotFound, { status: 422, message: "Linking target user not found" });
  if (isBanned(target.row)) throw new AuthError(AUTH_ERRORS.userBannedForbidden);
  const profile = withChosenEmail(told);
  const existing = await findIdentity(db, provider, profile.claims.sub);
  if (existing) throw new AuthError(AUTH_ERRORS.identityAlreadyExists, { message: existing.user_id === userId ? "Identity is already linked" : "Identity is already linked to another user" });
  const identity = await createIdentity(db, { userId, provider, providerId: profile.claims.sub, data: profile.claims });
  await audit(call, db, { action: "identity_linked", actor: target.row, traits: { identity_id: identity.id, provider, provider_id: identity.provider_id } });
  await updateProviders(db, userId);
  const { email } = profile;
  if (target.row.email) return { user: await reloaded(db, target), created: undefined };
  if (email === undefined) return { user: await madePermanent(db, target), created: undefined };
  if (await isEmailTaken(db, email.address, target.row.aud ?? call.aud, userId)) throw new AuthError(AUTH_ERRORS.emailExists, { status: 400 });
  await saved("Database error updating user", db.updateTable("auth.users").set({ email: email.address, updated_at: now() }).where("id", "=", userId).execute());
  if (email.verified || call.config.mailer.autoconfirm) {
    await confirmEmail(db, userId);
    return { user: await madePermanent(db, target), created: undefined };
  }
  await requestEmailConfirmation(call, db, await reloaded(db, target), undefined);
  return { refused: new AuthError(AUTH_ERRORS.emailNotConfirmed, { status: 422, message: `Unverified email with ${provider}. A confirmation email has been sent to your ${provider} email` }) };
}

/** With a way to sign in again a user is no longer anonymous. */
async function madePermanent(db: AuthTransaction, { row }: LoadedUser): Promise<LoadedUser> {
  if (row.is_anonymous) await saved("Database error updating user", db.updateTable("auth.users").set({ is_anonymous: false, updated_at: now() }).where("id", "=", row.id).execute());
  return reloaded(db, { row });
}
