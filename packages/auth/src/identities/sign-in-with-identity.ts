import { randomUUID } from "node:crypto";
import type { BackendError } from "@plinth/core";
import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import { now } from "../database/now.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { afterUserCreated, beforeUserCreated } from "../hooks/user-created.ts";
import { requestEmailConfirmation } from "../one-time-tokens/email-confirmation.ts";
import { createUser, type NewUser } from "../users/create-user.ts";
import { isBanned, isEmailConfirmed, type IdentityRow, type LoadedUser } from "../users/user.ts";
import { createIdentity, updateProviders } from "./create-identity.ts";
import { type ExternalProfile, type ProviderEmail, withChosenEmail } from "./external-profile.ts";
import { decideLinking, isSsoProvider, type LinkingDecision } from "./linking-decision.ts";
import { addUserMetadata, confirmEmail, endFormerAccess, reloaded, removeUnconfirmed } from "./update-user.ts";

/** Somebody whom a provider, a wallet or an identity provider of SSO has made certain of. */
export interface ExternalUser {
  /** "google", "custom:acme", "web3", "sso:<id>", … */
  readonly provider: string;
  readonly profile: ExternalProfile;
  /** Users need no address. */
  readonly emailOptional?: boolean;
}

/** The user that it is; or what has to be said once what was written is committed: a mail is on its way. */
export type SignedIn = { readonly user: LoadedUser; readonly created: NewUser | undefined } | { readonly refused: BackendError };

/** The user that would be made, as the hook was told of it. Undefined where there is one, or no hook. */
export type ExpectedUser = NewUser | undefined;

/**
 * Asks the project's hook before a user is made. Outside of a transaction: it may take its time.
 * @throws BackendError signup_disabled; what the hook refuses it with
 */
export async function expectUser(call: AuthCall, external: ExternalUser): Promise<ExpectedUser> {
  if (!call.config.hook.beforeUserCreated.enabled) return undefined;
  const profile = withChosenEmail(external.profile);
  const decision = await call.db((db) => decideLinking(call, db, external.provider, profile));
  if (decision.kind !== "create") return undefined;
  const user = newUser(call, external.provider, profile, decision.email);
  await beforeUserCreated(call, user);
  return user;
}

/**
 * Finds the user, links the identity to one of the same verified address, or makes a new user
 * (internal/api/external.go: createAccountFromExternalIdentity).
 *
 * @param expected what `expectUser` gave
 * @throws BackendError signup_disabled, user_banned, unexpected_failure
 */
export async function signInWithIdentity(call: AuthCall, db: AuthTransaction, { provider, profile: told, emailOptional = false }: ExternalUser, expected?: ExpectedUser): Promise<SignedIn> {
  const profile = withChosenEmail(told);
  const decision = await decideLinking(call, db, provider, profile);
  const created = decision.kind === "create" ? { ...newUser(call, provider, profile, decision.email), id: expected?.id ?? randomUUID() } : undefined;
  const { user, identity } = await APPLY[decision.kind](call, db, { provider, profile, decision, created });
  if (isBanned(user.row)) throw new AuthError(AUTH_ERRORS.userBannedForbidden);

  const address = created ? created.email : (user.row.email ?? undefined);
  if (isEmailConfirmed(user.row) || provider === "web3" || (emailOptional && !address)) {
    await audit(call, db, { action: "login", actor: user.row, traits: { provider } });
    return { user, created };
  }
  const outcome = await admitUnconfirmed(call, db, { user, identity, provider, emails: profile.emails, isNew: created !== undefined });
  return "refused" in outcome ? outcome : { ...outcome, created };
}

/** Says that a user was made, if one was. */
export const announceUser = async (call: AuthCall, signedIn: SignedIn): Promise<void> => {
  if ("created" in signedIn && signedIn.created) await afterUserCreated(call, signedIn.created);
};

interface Applied {
  readonly provider: string;
  readonly profile: ExternalProfile;
  readonly decision: LinkingDecision;
  readonly created: NewUser | undefined;
}
type Apply = (call: AuthCall, db: AuthTransaction, applied: Applied) => Promise<{ readonly user: LoadedUser; readonly identity: IdentityRow }>;

const APPLY: Readonly<Record<LinkingDecision["kind"], Apply>> = {
  create: async (_call, db, { provider, profile, created }) => {
    const row = await createUser(db, created!);
    const identity = await createIdentity(db, { userId: row.id, provider, providerId: profile.claims.sub, data: profile.claims });
    return { user: { row, identities: [identity], factors: [] }, identity };
  },
  link: async (call, db, { provider, profile, decision }) => {
    const { row } = (decision as { readonly user: LoadedUser }).user;
    const identity = await createIdentity(db, { userId: row.id, provider, providerId: profile.claims.sub, data: profile.claims });
    await addUserMetadata(db, row.id, profile.claims);
    await updateProviders(db, row.id);
    await audit(call, db, { action: "identity_linked", actor: row, traits: { identity_id: identity.id, provider, provider_id: identity.provider_id } });
    return { user: await reloaded(db, { row }), identity };
  },
  known: async (_call, db, { profile, decision }) => {
    const { user, identity: known } = decision as Extract<LinkingDecision, { readonly kind: "known" }>;
    const identity = await db
      .updateTable("auth.identities")
      .set({ identity_data: JSON.stringify(profile.claims), last_sign_in_at: now(), updated_at: now() })
      .where("id", "=", known.id)
      .returningAll()
      .executeTakeFirstOrThrow();
    await addUserMetadata(db, user.row.id, profile.claims);
    await updateProviders(db, user.row.id);
    return { user: await reloaded(db, user), identity };
  },
};

function newUser({ aud, config }: AuthCall, provider: string, { claims }: ExternalProfile, email: ProviderEmail | undefined): NewUser {
  if (config.disableSignup) throw new AuthError(AUTH_ERRORS.signupDisabled);
  return {
    id: randomUUID(), aud, role: config.jwt.defaultGroupName, email: email?.address,
    appMetadata: { provider, providers: [provider] }, userMetadata: claims, isSsoUser: isSsoProvider(provider),
  };
}

interface Unconfirmed {
  readonly user: LoadedUser;
  readonly identity: IdentityRow;
  readonly provider: string;
  readonly emails: readonly ProviderEmail[];
  readonly isNew: boolean;
}

/** The address is confirmed by the provider's word for that very address; else by a mail. */
async function admitUnconfirmed(call: AuthCall, db: AuthTransaction, { user, identity, provider, emails, isNew }: Unconfirmed): Promise<{ readonly user: LoadedUser } | { readonly refused: BackendError }> {
  const { id, email } = user.row;
  const { mailer } = call.config;
  await removeUnconfirmed(db, id, identity);
  if (email && (mailer.autoconfirm || emails.some(({ address, verified }) => verified && address === email))) {
    await audit(call, db, { action: "user_signedup", actor: user.row, traits: { provider } });
    if (!isNew) await endFormerAccess(db, id);
    await confirmEmail(db, id);
    return { user: await reloaded(db, user) };
  }
  const present = await reloaded(db, user);
  if (email) await requestEmailConfirmation(call, db, present, undefined);
  if (mailer.allowUnverifiedEmailSignIns) return { user: present };
  const advice = email ? `A confirmation email has been sent to your ${provider} email` : `Verify the email with ${provider} in order to sign in`;
  return { refused: new AuthError(AUTH_ERRORS.providerEmailNeedsVerification, { status: 422, message: `Unverified email with ${provider}. ${advice}` }) };
}

/** Answers with what was decided in the transaction. @throws BackendError what was refused, which is committed by now */
export function admitted(signedIn: SignedIn): Extract<SignedIn, { readonly user: LoadedUser }> {
  if ("refused" in signedIn) throw signedIn.refused;
  return signedIn;
}
