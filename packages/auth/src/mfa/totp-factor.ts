import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import { AUTH_ERRORS } from "../errors.ts";
import type { FactorKind } from "./attempt.ts";
import { closeChallenge, createChallenge, expiryOf, findOpenChallenge } from "./challenge.ts";
import { findFactor, type StoredFactor } from "./find-factor.ts";
import { matchTotpStep } from "./totp.ts";

const wrongCode = (): AuthError => new AuthError(AUTH_ERRORS.mfaVerificationFailed);

/** Codes of an authenticator application (RFC 6238). */
export const totpFactor: FactorKind = {
  isEnabled: ({ totp }) => totp.verifyEnabled,
  disabled: AUTH_ERRORS.mfaTotpVerifyDisabled,

  challenge: (call, factorId) =>
    call.db(async (db) => {
      const factor = await findFactor(db, call.user.row.id, factorId);
      const challenge = await createChallenge(call, db, factor);
      await audit(call, db, { action: "challenge_created", actor: call.user.row, traits: { factor_id: factor.id, factor_status: factor.status } });
      return { id: challenge.id, type: factor.factor_type, expires_at: expiryOf(challenge, call) };
    }),

  attempt: (call, factorId, { challenge_id: challengeId, code = "" }) =>
    call.db(async (db) => {
      const factor = await findFactor(db, call.user.row.id, factorId);
      await findOpenChallenge(call, db, factor, challengeId);
      const step = factor.secret === null ? undefined : await matchTotpStep(call, factor.secret, code);
      if (step === undefined || !(await isFresh(db, factor, step))) return { valid: false, refusal: wrongCode() };
      return {
        valid: true,
        accept: async (transaction, held) => {
          const challenge = await findOpenChallenge(call, transaction, held, challengeId);
          if (!(await isFresh(transaction, held, step))) throw wrongCode();
          await closeChallenge(transaction, challenge, String(step));
        },
      };
    }),
};

/** RFC 6238, 5.2: a code holds once. Challenges that were met note the step of theirs; none up to it is taken again. */
async function isFresh(db: AuthTransaction, { id }: StoredFactor, step: number): Promise<boolean> {
  const last = await db.selectFrom("auth.mfa_challenges").select("otp_code").where("factor_id", "=", id).where("verified_at", "is not", null).where("otp_code", "is not", null).orderBy("verified_at", "desc").limit(1).executeTakeFirst();
  return last === undefined || !(Number(last.otp_code) >= step);
}
