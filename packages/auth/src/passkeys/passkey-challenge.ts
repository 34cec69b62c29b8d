import { randomUUID } from "node:crypto";
import { isUuid } from "@plinth/core";
import { z } from "zod";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { optionalText } from "../endpoint/read-json.ts";
import { AUTH_ERRORS } from "../errors.ts";

export type PasskeyCeremony = "registration" | "authentication";

export interface PasskeyOptions {
  readonly challenge_id: string;
  /** For `navigator.credentials`. */
  readonly options: { readonly challenge: string };
  /** Whole seconds since 1970. */
  readonly expires_at: number;
}

/** Keeps what is to be signed. @param userId undefined: whoever answers */
export async function createPasskeyChallenge({ config }: Pick<AuthCall, "config">, db: AuthTransaction, ceremony: PasskeyCeremony, { userId, options }: { readonly userId?: string; readonly options: { readonly challenge: string } }): Promise<PasskeyOptions> {
  const at = Date.now();
  const expiresAt = new Date(at + config.webauthn.challengeExpiryDuration * 1_000);
  const id = randomUUID();
  await db.insertInto("auth.webauthn_challenges").values({ id, user_id: userId ?? null, challenge_type: ceremony, session_data: JSON.stringify({ challenge: options.challenge }), created_at: new Date(at), expires_at: expiresAt }).execute();
  return { challenge_id: id, options, expires_at: Math.floor(expiresAt.getTime() / 1_000) };
}

export const answerSchema = z.object({ challenge_id: optionalText, credential: z.unknown().optional() });

/** What an answer says, once it is known to be one. */
export interface PasskeyAnswer<Response> {
  readonly challenge: string;
  readonly response: Response;
}

/**
 * The answer and the challenge that it is for, which is used up by it, right or wrong.
 * @throws BackendError validation_failed, webauthn_challenge_not_found, webauthn_challenge_expired, webauthn_verification_failed
 */
export async function takeAnswer<Response>(call: AuthCall, body: z.infer<typeof answerSchema>, { ceremony, userId, schema }: { readonly ceremony: PasskeyCeremony; readonly userId?: string; readonly schema: z.ZodType<Response> }): Promise<PasskeyAnswer<Response>> {
  const { challenge_id: id, credential } = body;
  if (id === undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "challenge_id is required" });
  if (credential === undefined || credential === null) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "credential is required" });
  if (!isUuid(id)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "challenge_id must be a valid UUID" });
  const taken = await call.db((db) => {
    const deletion = db.deleteFrom("auth.webauthn_challenges").where("id", "=", id).where("challenge_type", "=", ceremony);
    return (userId === undefined ? deletion.where("user_id", "is", null) : deletion.where("user_id", "=", userId)).returning(["session_data", "expires_at"]).executeTakeFirst();
  });
  if (taken === undefined) throw new AuthError(AUTH_ERRORS.webauthnChallengeNotFound, { message: "Challenge not found or already used" });
  if (Date.now() > taken.expires_at.getTime()) throw new AuthError(AUTH_ERRORS.webauthnChallengeExpired);
  const parsed = schema.safeParse(credential);
  if (!parsed.success) throw new AuthError(AUTH_ERRORS.webauthnVerificationFailed, { message: "Invalid credential response" });
  return { challenge: String(taken.session_data["challenge"]), response: parsed.data };
}
