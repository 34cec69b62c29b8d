import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { updateProviders } from "../identities/create-identity.ts";
import { reloaded } from "../identities/update-user.ts";
import type { OneTimeTokenKey } from "../one-time-tokens/one-time-token.ts";
import type { LoadedUser } from "../users/user.ts";
import { agreeToEmailChange, changePhone } from "./change-address.ts";
import { confirmPhone, confirmSignIn, confirmSignup } from "./confirm-address.ts";
import { findToken, type FoundToken } from "./find-token.ts";
import type { VerificationKind, VerificationType } from "./verification.ts";

/** A token is used up, and what it was sent for is done. */
export interface Redeemed {
  /** As it is now. */
  readonly user: LoadedUser;
  readonly kind: VerificationKind;
  /** Only one of the two addresses has agreed: nobody is signed in yet. */
  readonly isHalf: boolean;
}

type Redeem = (call: AuthCall, db: AuthTransaction, found: FoundToken) => Promise<unknown>;

const REDEEM: Readonly<Record<VerificationKind, Redeem>> = {
  signup: (call, db, { user }) => confirmSignup(call, db, user),
  invite: (call, db, { user }) => confirmSignup(call, db, user),
  recovery: (call, db, { user }) => confirmSignIn(call, db, user),
  magiclink: (call, db, { user }) => confirmSignIn(call, db, user),
  email_change: (call, db, { user, type }) => agreeToEmailChange(call, db, user, type),
  sms: (call, db, { user }) => confirmPhone(call, db, user),
  phone_change: (call, db, { user }) => changePhone(call, db, user, user.row.phone_change ?? ""),
};

/** @throws BackendError otp_expired, user_banned, email_exists, phone_exists; database_raised */
export async function redeemToken(call: AuthCall, db: AuthTransaction, type: VerificationType, key: OneTimeTokenKey): Promise<Redeemed> {
  const found = await findToken(call, db, type, key);
  const isHalf = (await REDEEM[found.kind](call, db, found)) === "half";
  if (!isHalf) await updateProviders(db, found.user.row.id);
  return { user: await reloaded(db, found.user), kind: found.kind, isHalf };
}

/** What is said to who has opened the first of the two mails. */
export const HALF_MESSAGE = "Confirmation link accepted. Please proceed to confirm link sent to the other email";
