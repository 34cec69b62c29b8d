import { randomUUID } from "node:crypto";
import { type Selectable, sql } from "kysely";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { ChallengesTable } from "../database/auth-tables.ts";
import { now } from "../database/now.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { inet } from "../sessions/issue-session.ts";
import type { StoredFactor } from "./find-factor.ts";

export type Challenge = Readonly<Selectable<ChallengesTable>>;

/** The address of calls in process, which come from nowhere. */
const UNKNOWN_ADDRESS = "0.0.0.0";

const addressOf = ({ ip }: Pick<AuthCall, "ip">): string => inet(ip) ?? UNKNOWN_ADDRESS;

export interface NewChallenge {
  /** Default: a new one. */
  readonly id?: string;
  /** Of a code that was sent: its digest. */
  readonly otpCode?: string | undefined;
  /** Of WebAuthn: what has to be signed. */
  readonly webauthn?: object | undefined;
}

/** Begins an attempt at a factor. */
export async function createChallenge(call: AuthCall, db: AuthTransaction, { id: factorId }: Pick<StoredFactor, "id">, { id = randomUUID(), otpCode, webauthn }: NewChallenge = {}): Promise<Challenge> {
  const challenge = await db
    .insertInto("auth.mfa_challenges")
    .values({ id, factor_id: factorId, created_at: now(), ip_address: addressOf(call), otp_code: otpCode ?? null, web_authn_session_data: webauthn === undefined ? null : JSON.stringify(webauthn) })
    .returningAll()
    .executeTakeFirstOrThrow();
  // The column is unique, over all users: parts of a millisecond keep them apart.
  await db.updateTable("auth.mfa_factors").set({ last_challenged_at: sql<Date>`clock_timestamp() + random() * interval '1 millisecond'` }).where("id", "=", factorId).execute();
  return challenge;
}

/** Whole seconds since 1970. */
export const expiryOf = ({ created_at }: Pick<Challenge, "created_at">, { config }: Pick<AuthCall, "config">): number => Math.floor(created_at.getTime() / 1_000) + config.mfa.challengeExpiryDuration;

const hasExpired = (challenge: Challenge, { config }: Pick<AuthCall, "config">): boolean => Date.now() > challenge.created_at.getTime() + config.mfa.challengeExpiryDuration * 1_000;

/**
 * The factor's challenge, which must be open still, and answered from where it was asked for.
 * @throws BackendError mfa_factor_not_found, mfa_ip_address_mismatch, mfa_challenge_expired
 */
export async function findOpenChallenge(call: AuthCall, db: AuthTransaction, { id: factorId }: Pick<StoredFactor, "id">, challengeId: string): Promise<Challenge> {
  const found = await db
    .selectFrom("auth.mfa_challenges")
    .selectAll()
    .select(sql<boolean>`ip_address = ${addressOf(call)}::inet`.as("is_same_address"))
    .where("id", "=", challengeId)
    .where("factor_id", "=", factorId)
    .executeTakeFirst();
  if (found === undefined) throw new AuthError(AUTH_ERRORS.mfaFactorNotFound, { status: 422, message: "MFA factor with the provided challenge ID not found" });
  const { is_same_address: isSameAddress, ...challenge } = found;
  if (challenge.verified_at !== null || !isSameAddress) throw new AuthError(AUTH_ERRORS.mfaIpAddressMismatch);
  if (hasExpired(challenge, call)) throw new AuthError(AUTH_ERRORS.mfaChallengeExpired, { message: `MFA challenge ${challenge.id} has expired, verify against another challenge or create a new challenge.` });
  return challenge;
}

/** Uses a challenge up. @param otpCode notes what answered it, so that it can't answer another one */
export async function closeChallenge(db: AuthTransaction, { id }: Pick<Challenge, "id">, otpCode: string | null): Promise<void> {
  await db.updateTable("auth.mfa_challenges").set({ verified_at: now(), otp_code: otpCode }).where("id", "=", id).execute();
}

export async function deleteChallenge(db: AuthTransaction, { id }: Pick<Challenge, "id">): Promise<void> {
  await db.deleteFrom("auth.mfa_challenges").where("id", "=", id).execute();
}
