import { sql } from "kysely";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { findUser } from "../users/find-user.ts";
import { isEmailTaken } from "../users/is-email-taken.ts";
import type { IdentityRow, LoadedUser } from "../users/user.ts";
import { findIdentity } from "./create-identity.ts";
import type { ExternalProfile, ProviderEmail } from "./external-profile.ts";

/** Whose a provider's user is (internal/models/linking.go). */
export type LinkingDecision =
  /** The identity is known. */
  | { readonly kind: "known"; readonly user: LoadedUser; readonly identity: IdentityRow }
  /** There is a user of an address that the provider has verified. */
  | { readonly kind: "link"; readonly user: LoadedUser }
  /** Nobody's; with no address where that is somebody else's. */
  | { readonly kind: "create"; readonly email: ProviderEmail | undefined };

/** Identities of one domain are linked by their addresses: those of each SSO provider stay among themselves. */
const linkingDomain = (provider: string): string => (provider.startsWith("sso:") ? provider : "default");
export const isSsoProvider = (provider: string): boolean => linkingDomain(provider) !== "default";

/** @param profile as `withChosenEmail` makes it @throws BackendError unexpected_failure where two users have the address */
export async function decideLinking({ config, aud }: Pick<AuthCall, "config" | "aud">, db: AuthTransaction, provider: string, profile: ExternalProfile & { readonly email: ProviderEmail | undefined }): Promise<LinkingDecision> {
  const identity = await findIdentity(db, provider, profile.claims.sub);
  if (identity !== undefined) {
    const user = await findUser(db, { id: identity.user_id }, { forUpdate: true });
    if (user === undefined) throw new AuthError(AUTH_ERRORS.userNotFound);
    return { kind: "known", user, identity };
  }
  const { email } = profile;
  const verified = profile.emails.filter((each) => each.verified || config.mailer.autoconfirm).map(({ address }) => address);
  if (verified.length === 0) {
    const taken = email !== undefined && (await isEmailTaken(db, email.address, aud));
    return { kind: "create", email: taken ? undefined : email };
  }
  const ids = await findUsersOf(db, verified, provider, aud);
  if (ids.length > 1) throw new AuthError(AUTH_ERRORS.unexpectedFailure, { message: `Multiple accounts with the same email address in the same linking domain detected: ${linkingDomain(provider)}` });
  const user = ids[0] === undefined ? undefined : await findUser(db, { id: ids[0] }, { forUpdate: true });
  return user === undefined ? { kind: "create", email } : { kind: "link", user };
}

/**
 * Users of any of the addresses in the provider's linking domain. An identity stands for its user only with an address
 * that its own provider has verified, or that is the user's: else somebody could lay out an unverified one for others to
 * be linked to.
 */
async function findUsersOf(db: AuthTransaction, addresses: readonly string[], provider: string, aud: string): Promise<readonly string[]> {
  const domain = linkingDomain(provider);
  const among = sql.join(addresses);
  const { rows } = await sql<{ id: string }>`
    select distinct users.id from auth.identities join auth.users on users.id = identities.user_id
      where identities.email in (${among}) and users.aud = ${aud} and users.deleted_at is null
        and (${domain} <> 'default' or users.is_sso_user = false)
        and case when identities.provider like 'sso:%' then identities.provider else 'default' end = ${domain}
        and (identities.identity_data -> 'email_verified' = 'true' or lower(users.email) = identities.email)
    union
    select id from auth.users where ${domain} = 'default' and email in (${among}) and is_sso_user = false and aud = ${aud} and deleted_at is null`.execute(db);
  return rows.map(({ id }) => id);
}
