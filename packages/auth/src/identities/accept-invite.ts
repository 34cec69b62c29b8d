import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { ageOf, findOneTimeToken } from "../one-time-tokens/one-time-token.ts";
import { findUser } from "../users/find-user.ts";
import { isBanned, type LoadedUser } from "../users/user.ts";
import { createIdentity, updateProviders } from "./create-identity.ts";
import { withChosenEmail } from "./external-profile.ts";
import type { ExternalUser, SignedIn } from "./sign-in-with-identity.ts";
import { addUserMetadata, confirmEmail, reloaded, removeUnconfirmed } from "./update-user.ts";

/** Whose a link in an invitation is. Undefined where it is nobody's, or too old. */
export async function findInvited(call: AuthCall, db: AuthTransaction, token: string): Promise<LoadedUser | undefined> {
  const found = await findOneTimeToken(call, db, ["confirmation_token"], { hash: token.replace(/^pkce_/, "") });
  if (found === undefined || ageOf(found) > call.config.mailer.otpExp) return undefined;
  return findUser(db, { id: found.user_id }, { forUpdate: true });
}

/**
 * Takes an invitation up by a provider's identity that has the invited address (internal/api/external.go: processInvite).
 * @throws BackendError invite_not_found, validation_failed, user_banned
 */
export async function acceptInvite(call: AuthCall, db: AuthTransaction, token: string, { provider, profile: told }: ExternalUser): Promise<SignedIn> {
  const user = await findInvited(call, db, token);
  if (user === undefined) throw new AuthError(AUTH_ERRORS.inviteNotFound);
  if (isBanned(user.row)) throw new AuthError(AUTH_ERRORS.userBannedForbidden);
  const profile = withChosenEmail(told);
  if (!profile.emails.some(({ address }) => address === user.row.email)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Invited email does not match emails from external provider" });
  const { id } = user.row;
  const identity = await createIdentity(db, { userId: id, provider, providerId: profile.claims.sub, data: profile.claims });
  await addUserMetadata(db, id, profile.claims);
  await updateProviders(db, id);
  await audit(call, db, { action: "invite_accepted", actor: user.row, traits: { provider } });
  await removeUnconfirmed(db, id, identity);
  await confirmEmail(db, id);
  return { user: await reloaded(db, user), created: undefined };
}
