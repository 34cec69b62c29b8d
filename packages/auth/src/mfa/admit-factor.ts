import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { findUser } from "../users/find-user.ts";
import type { StoredFactor } from "./find-factor.ts";
import { isVerified } from "./find-factor.ts";
import { isAal2, type SessionCall } from "./require-session.ts";

/**
 * The user's factors, once one more may be added to them. The user is held, so that parallel requests don't pass the
 * limits together. Those that were begun long ago and never finished are dropped.
 *
 * @throws BackendError mfa_factor_name_conflict, too_many_enrolled_mfa_factors, insufficient_aal
 */
export async function admitFactor({ config, user, session }: SessionCall, db: AuthTransaction, friendlyName: string): Promise<void> {
  const { id: userId } = user.row;
  await findUser(db, { id: userId }, { forUpdate: true });
  await dropUnfinished(db, userId, config.mfa);
  const factors = await factorsOf(db, userId);
  const verified = factors.filter(isVerified).length;
  if (factors.some((factor) => (factor.friendly_name ?? "") === friendlyName)) throw new AuthError(AUTH_ERRORS.mfaFactorNameConflict, { message: `A factor with the friendly name ${JSON.stringify(friendlyName)} for this user already exists` });
  if (factors.length >= config.mfa.maxEnrolledFactors || verified >= config.mfa.maxVerifiedFactors) throw new AuthError(AUTH_ERRORS.tooManyEnrolledMfaFactors);
  if (verified > 0 && !isAal2(session)) throw new AuthError(AUTH_ERRORS.insufficientAal, { message: "AAL2 required to enroll a new factor" });
}

export const factorsOf = (db: AuthTransaction, userId: string): Promise<readonly StoredFactor[]> => db.selectFrom("auth.mfa_factors").selectAll().where("user_id", "=", userId).execute();

interface Expiry {
  /** Seconds. */
  readonly factorExpiryDuration: number;
  readonly challengeExpiryDuration: number;
}

/** Not while a challenge of it may still be answered. */
async function dropUnfinished(db: AuthTransaction, userId: string, { factorExpiryDuration, challengeExpiryDuration }: Expiry): Promise<void> {
  const at = Date.now();
  await db
    .deleteFrom("auth.mfa_factors")
    .where("user_id", "=", userId)
    .where("status", "=", "unverified")
    .where("created_at", "<", new Date(at - factorExpiryDuration * 1_000))
    .where((e) => e.not(e.exists(
      e.selectFrom("auth.mfa_challenges").select("auth.mfa_challenges.id").whereRef("factor_id", "=", "auth.mfa_factors.id").where("auth.mfa_challenges.created_at", ">", new Date(at - challengeExpiryDuration * 1_000)),
    )))
    .execute();
}
