import { randomUUID, timingSafeEqual } from "node:crypto";
import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { channelOf } from "../sms/channel.ts";
import { queueSms } from "../sms/queue-sms.ts";
import { randomCode } from "../one-time-tokens/one-time-token.ts";
import type { ChallengeResponse, FactorKind } from "./attempt.ts";
import { type Challenge, closeChallenge, createChallenge, deleteChallenge, expiryOf, findOpenChallenge } from "./challenge.ts";
import { findFactor, type StoredFactor } from "./find-factor.ts";
import type { SessionCall } from "./require-session.ts";

/** Codes that are sent to a telephone. Only their digest is kept. */
export const phoneFactor: FactorKind = {
  isEnabled: ({ phone }) => phone.verifyEnabled,
  disabled: AUTH_ERRORS.mfaPhoneVerifyDisabled,

  challenge: async (call, factorId, body) => {
    const channel = channelOf(body.channel);
    return call.db((db) => begin(call, db, factorId, channel));
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

/** Noted before the message is sent, so that parallel requests send but one; a message that can't be sent doesn't count. */
async function begin(call: SessionCall, db: AuthTransaction, factorId: string, channel: string): Promise<ChallengeResponse> {
  const factor = await findFactor(db, call.user.row.id, factorId);
  checkFrequency(call, factor);
  const [id, code] = [randomUUID(), randomCode(call.config.mfa.phone.otpLength)];
  const challenge = await createChallenge(call, db, factor, { id, otpCode: await digestOf(call, id, code) });
  await audit(call, db, { action: "challenge_created", actor: call.user.row, traits: { factor_id: factor.id, factor_status: factor.status } });
  call.afterCommit(db, { undo: (later) => takeBack(later, factor, challenge) });
  await queueSms(call, db, { user: call.user, phone: factor.phone ?? "", code, channel, template: call.config.mfa.phone.template, purpose: "mfa" });
  return { id: challenge.id, type: factor.factor_type, expires_at: expiryOf(challenge, call) };
}

async function takeBack(db: AuthTransaction, { id, last_challenged_at }: StoredFactor, challenge: Challenge): Promise<void> {
  await deleteChallenge(db, challenge);
  await db.updateTable("auth.mfa_factors").set({ last_challenged_at }).where("id", "=", id).execute();
}

function checkFrequency({ config }: Pick<AuthCall, "config">, { last_challenged_at: last }: StoredFactor): void {
  const left = last === null ? 0 : config.mfa.phone.maxFrequency - (Date.now() - last.getTime()) / 1_000;
  if (left > 0) throw new AuthError(AUTH_ERRORS.overSmsSendRateLimit, { message: `For security purposes, you can only request this after ${Math.floor(left)} seconds.`, headers: { "Retry-After": String(Math.ceil(left)) } });
}
