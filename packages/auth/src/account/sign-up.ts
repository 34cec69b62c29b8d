import { randomUUID } from "node:crypto";
import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import { saved } from "../database/database-errors.ts";
import { now, timestamp } from "../database/now.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import type { CodeChallenge } from "../flow-state/code-challenge.ts";
import { afterUserCreated, beforeUserCreated } from "../hooks/user-created.ts";
import { createIdentity } from "../identities/create-identity.ts";
import { requestEmailConfirmation } from "../one-time-tokens/email-confirmation.ts";
import { requestPhoneConfirmation } from "../one-time-tokens/phone-confirmation.ts";
import { treatStranger } from "../one-time-tokens/treat-stranger.ts";
import { issueSession } from "../sessions/issue-session.ts";
import type { SessionResponse } from "../sessions/session-response.ts";
import { createUser, type NewUser } from "../users/create-user.ts";
import { findUser } from "../users/find-user.ts";
import { undoCreation } from "../users/undo-creation.ts";
import { isEmailConfirmed, isPhoneConfirmed, type LoadedUser, type Metadata, toUser, type User } from "../users/user.ts";

/** How a new user is reached, which decides what has to be confirmed. */
export type SignUpAddress =
  | { readonly provider: "email"; /** Normalized. */ readonly email: string; readonly pkce: CodeChallenge | undefined }
  | { readonly provider: "phone"; /** Normalized. */ readonly phone: string; readonly channel: string };

export interface SignUp {
  readonly address: SignUpAddress;
  /** As `hashPassword` makes it; undefined for users who sign in by mail or message. */
  readonly passwordHash: string | undefined;
  readonly data: Metadata;
  /** Whether a user for whom nothing has to be confirmed is signed in at once. */
  readonly signIn: boolean;
}

/**
 * Registers a user, and asks for a confirmation where the project wants one. Of an address that is somebody's already it
 * answers with what looks like a new user.
 * @throws BackendError user_already_exists where nothing is to be confirmed, …
 */
export async function signUp(call: AuthCall, { address, passwordHash, data, signIn }: SignUp): Promise<User | SessionResponse> {
  const { config } = call;
  const { provider } = address;
  const fresh: NewUser = {
    id: randomUUID(), aud: call.aud, role: config.jwt.defaultGroupName, ...(provider === "email" ? { email: address.email } : { phone: address.phone }), passwordHash,
    appMetadata: { provider, providers: [provider] }, userMetadata: data,
  };
  const existing = await call.db((db) => findExisting(db, call, address));
  if (existing === undefined) await beforeUserCreated(call, fresh);

  const register = () => call.db(async (db) => {
    const found = await findExisting(db, call, address);
    if (found && (isConfirmed(found, address) || (signIn && isAutoconfirmed(call, address) && hasOtherAddress(found, address)))) {
      await audit(call, db, { action: "user_repeated_signup", actor: found.row, traits: { provider } });
      return undefined;
    }
    const user = found ?? (await create(call, db, fresh));
    return confirm(call, db, await withIdentity(db, user, address, data), address, signIn);
  });
  // Another request may have been quicker: then there is such a user now.
  // And where there is none still, it is one of another audience, of whom nobody learns either.
  const outcome = await unlessTaken(register, () => unlessTaken(register, async () => undefined));
  if (outcome === undefined) return pretend(call, address, data);
  if (existing === undefined) await afterUserCreated(call, fresh);
  return outcome;
}

const findExisting = (db: AuthTransaction, { aud }: AuthCall, address: SignUpAddress): Promise<LoadedUser | undefined> =>
  findUser(db, address.provider === "email" ? { email: address.email, aud } : { phone: address.phone, aud }, { forUpdate: true });

async function unlessTaken<T>(work: () => Promise<T>, otherwise: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isTaken(error)) return otherwise();
    throw error;
  }
}

const isTaken = (error: unknown): boolean => error instanceof AuthError && (error.code === AUTH_ERRORS.emailExists.code || error.code === AUTH_ERRORS.phoneExists.code);

const isConfirmed = ({ row }: LoadedUser, { provider }: SignUpAddress): boolean => (provider === "email" ? isEmailConfirmed(row) : isPhoneConfirmed(row));

/** Known by the other kind of address, which was confirmed: nobody gets in by naming one that nobody has to show. */
const hasOtherAddress = ({ row }: LoadedUser, { provider }: SignUpAddress): boolean => (provider === "email" ? isPhoneConfirmed(row) : isEmailConfirmed(row));

async function create(call: AuthCall, db: AuthTransaction, fresh: NewUser): Promise<LoadedUser> {
  const row = await createUser(db, fresh);
  undoCreation(call, db, row.id);
  return { row, identities: [], factors: [] };
}

/** An unconfirmed user keeps the password and data that it has: nobody has shown yet whose address it is. */
async function withIdentity(db: AuthTransaction, user: LoadedUser, address: SignUpAddress, data: Metadata): Promise<LoadedUser> {
  const { provider } = address;
  if (user.identities.some((identity) => identity.provider === provider)) return user;
  const { id } = user.row;
  const own = provider === "email" ? { email: address.email } : { phone: address.phone };
  // Addresses of an identity are those that it is for: what anybody writes into their data takes none from their owners.
  const { email: _email, phone: _phone, ...others } = data;
  const identity = await createIdentity(db, { userId: id, provider, providerId: id, data: { ...others, sub: id, email_verified: false, phone_verified: false, ...own } });
  return { ...user, identities: [...user.identities, identity] };
}

/** Signs the user in where nothing has to be confirmed; else asks for it. */
async function confirm(call: AuthCall, db: AuthTransaction, user: LoadedUser, address: SignUpAddress, signIn: boolean): Promise<User | SessionResponse> {
  const { provider } = address;
  if (!isAutoconfirmed(call, address)) {
    await audit(call, db, { action: "user_confirmation_requested", actor: user.row, traits: { provider } });
    const sent = address.provider === "email" ? await requestEmailConfirmation(call, db, user, address.pkce) : await requestPhoneConfirmation(call, db, user, address.channel);
    // Who was invited is told nothing of that.
    return toUser(sent.row.invited_at === null ? sent : { ...sent, identities: [], row: { ...sent.row, raw_user_meta_data: {} } });
  }
  await audit(call, db, { action: "user_signedup", actor: user.row, traits: { provider } });
  const row = await saved("Database error updating user", db
    .updateTable("auth.users")
    .set({ ...(provider === "email" ? { email_confirmed_at: now() } : { phone_confirmed_at: now() }), updated_at: now() })
    .where("id", "=", user.row.id)
    .returningAll()
    .executeTakeFirstOrThrow());
  if (!signIn) return toUser({ ...user, row });
  await audit(call, db, { action: "login", actor: row, traits: { provider } });
  return issueSession(call, db, { ...user, row }, "password");
}

const isAutoconfirmed = ({ config }: AuthCall, { provider }: SignUpAddress): boolean => (provider === "email" ? config.mailer : config.sms).autoconfirm;

/** What looks like a new user, so that nobody learns who is registered. */
async function pretend(call: AuthCall, address: SignUpAddress, data: Metadata): Promise<User> {
  const { config, aud } = call;
  if (config.mailer.autoconfirm || config.sms.autoconfirm) throw new AuthError(AUTH_ERRORS.userAlreadyExists);
  const isEmail = address.provider === "email";
  await treatStranger(call, isEmail
    ? { what: "signup", address: address.email, maxFrequency: config.smtpMaxFrequency, tooEarly: "overEmailSendRateLimit" }
    : { what: "signup", address: address.phone, maxFrequency: config.sms.maxFrequency, tooEarly: "overSmsSendRateLimit" });
  const at = timestamp(now())!;
  const { provider } = address;
  return {
    id: randomUUID(), aud, role: "", email: isEmail ? address.email : "", phone: isEmail ? "" : address.phone, confirmation_sent_at: at, app_metadata: { provider, providers: [provider] }, user_metadata: data,
    identities: [], created_at: at, updated_at: at, is_anonymous: false,
  };
}
