import { randomUUID, timingSafeEqual } from "node:crypto";
import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { randomCode } from "../one-time-tokens/one-time-token.ts";
import type { FactorKind } from "./attempt.ts";
import { type Challenge, closeChallenge, createChallenge, deleteChallenge, expiryOf, findOpenChallenge } from "./challenge.ts";
import { findFactor, type StoredFactor } from "./find-factor.ts";
import { sendCode } from "./send-code.ts";
import type { SessionCall } from "./require-session.ts";

/** Codes that are sent to a telephone. Only their digest is kept. */
export const phoneFactor: FactorKind = {
  isEnabled: ({ phone }) => phone.verifyEnabled,
  disabled: AUTH_ERRORS.mfaPhoneVerifyDisabled,

  challenge: async (call, factorId, { channel = "sms" }) => {
    if (channel !== "sms" && channel !== "whatsapp") throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Invalid channel, supported values are 'sms' or 'whatsapp'. 'whatsapp' is only supported if Twilio or Twilio Verify is used as the provider." });
    const code = randomCode(call.config.mfa.phone.otpLength);
    const { factor, challenge } = await begin(call, factorId, code);
    try {
      await sendCode(call, { phone: factor.phone ?? "", code, channel });
    } catch (error) {
      await takeBack(call, factor, challenge);
      throw error;
    }
    return { id: challenge.id, type: factor.factor_type, expires_at: expiryOf(challenge, call) };
  },

  attempt: (call, factorId, { challenge_id: challengeId, code = "" }) =>
    call.db(async (db) => {
      const challenge = await findOpenChallenge(call, db, await findFactor(db, call.user.row.id, factorId), challengeId);
      if (!isSame(challenge.otp_code ?? "", await digestOf(call, challengeId, code))) return { valid: false, refusal: new AuthError(AUTH_ERRORS.mfaVerificationFailed, { message: "Invalid MFA Phone code entered" }) };
      return { valid: true, accept: async (transaction, held) => closeChallenge(transaction, await findOpenChallenge(call, transaction, held, challengeId), null) };
    }),
};

const digestOf = ({ tenant }: Pick<AuthCall, "tenant">, challengeId: string, code: string): Promise<string> => tenant.secrets.digest(JSON.stringify([challengeId.toLowerCase(), code]), "auth.mfa.phone");

const isSame = (one: string, other: string): boolean => one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

interface Begun {
  /** As it was before. */
  readonly factor: StoredFactor;
  readonly challenge: Challenge;
}

/** Noted before the message is sent, so that parallel requests send but one. */
const begin = (call: SessionCall, factorId: string, code: string): Promise<Begun> =>
  call.db(async (db) => {
    const factor = await findFactor(db, call.user.row.id, factorId);
    checkFrequency(call, factor);
    const id = randomUUID();
    const challenge = await createChallenge(call, db, factor, { id, otpCode: await digestOf(call, id, code) });
    await audit(call, db, { action: "challenge_created", actor: call.user.row, traits: { factor_id: factor.id, factor_status: factor.status } });
    return { factor, challenge };
  });

/** What was not sent doesn't count. */
const takeBack = (call: SessionCall, factor: StoredFactor, challenge: Challenge): Promise<void> =>
  call.db(async (db) => {
    await deleteChallenge(db, challenge);
    await db.updateTable("auth.mfa_factors").set({ last_challenged_at: factor.last_challenged_at }).where("id", "=", factor.id).execute();
  });

function checkFrequency({ config }: Pick<AuthCall, "config">, { last_challenged_at: last }: StoredFactor): void {
  const left = last === null ? 0 : config.mfa.phone.maxFrequency - (Date.now() - last.getTime()) / 1_000;
  if (left > 0) throw new AuthError(AUTH_ERRORS.overSmsSendRateLimit, { message: `For security purposes, you can only request this after ${Math.floor(left)} seconds.`, headers: { "Retry-After": String(Math.ceil(left)) } });
}
