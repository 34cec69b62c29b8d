import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { OneTimeTokenType } from "../database/auth-tables.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { ageOf, findOneTimeToken, type OneTimeTokenKey } from "../one-time-tokens/one-time-token.ts";
import { testOtpOf } from "../sms/test-otp.ts";
import { findUser } from "../users/find-user.ts";
import { isBanned, type LoadedUser } from "../users/user.ts";
import { addressFor, kindOf, type VerificationKind, verificationOf, type VerificationType } from "./verification.ts";

/** What a token that holds is good for. */
export interface FoundToken {
  readonly user: LoadedUser;
  readonly kind: VerificationKind;
  readonly type: OneTimeTokenType;
}

/**
 * The user that a link, or a code with its address, is of. The user's row is held: of parallel requests one redeems it.
 * @throws BackendError otp_expired whatever is wrong with it, user_banned
 */
export async function findToken(call: AuthCall, db: AuthTransaction, asked: VerificationType, key: OneTimeTokenKey): Promise<FoundToken> {
  const { by, tokens } = verificationOf(asked);
  const invalid = new AuthError(AUTH_ERRORS.otpExpired, { message: "hash" in key ? "Email link is invalid or has expired" : AUTH_ERRORS.otpExpired.message });
  const found = (await findStored(call, db, tokens, key)) ?? (await findByTestOtp(call, db, asked, key));
  if (found === undefined) throw invalid;
  const { user, type, age } = found;
  const isForAudience = "hash" in key || user.row.aud === call.aud;
  if (!isForAudience || user.row.deleted_at !== null || addressFor(user.row, type, by) !== found.address) throw invalid;
  if (isBanned(user.row)) throw new AuthError(AUTH_ERRORS.userBannedForbidden);
  if (age > (by === "phone" ? call.config.sms.otpExp : call.config.mailer.otpExp)) throw invalid;
  return { user, type, kind: kindOf(asked, type) };
}

interface Candidate {
  readonly user: LoadedUser;
  readonly type: OneTimeTokenType;
  readonly address: string;
  /** Seconds. */
  readonly age: number;
}

/** Users are held before their tokens, wherever both are. */
async function findStored(call: AuthCall, db: AuthTransaction, types: readonly OneTimeTokenType[], key: OneTimeTokenKey): Promise<Candidate | undefined> {
  const seen = await findOneTimeToken(call, db, types, key);
  const user = seen && (await findUser(db, { id: seen.user_id }, { forUpdate: true }));
  const token = user && (await findOneTimeToken(call, db, types, key));
  if (token === undefined || token.user_id !== user?.row.id) return undefined;
  return { user, type: token.token_type, address: token.relates_to, age: ageOf(token) };
}

/** A number of `sms.testOtp` needs no message before. */
async function findByTestOtp(call: AuthCall, db: AuthTransaction, asked: VerificationType, key: OneTimeTokenKey): Promise<Candidate | undefined> {
  if ("hash" in key || verificationOf(asked).by !== "phone" || testOtpOf(call.config.sms, key.address) !== key.code) return undefined;
  const column = asked === "sms" ? "phone" : "phone_change";
  const row = await db.selectFrom("auth.users").select("id").where(column, "=", key.address).where("aud", "=", call.aud).where("is_sso_user", "=", false).executeTakeFirst();
  const user = row && (await findUser(db, { id: row.id }, { forUpdate: true }));
  return user && { user, type: verificationOf(asked).tokens[0]!, address: key.address, age: 0 };
}
