import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import { now } from "../database/now.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { hookMetadata } from "../hooks/hook-metadata.ts";
import { invokeHook } from "../hooks/invoke-hook.ts";
import { findUser } from "../users/find-user.ts";
import { sendNotification } from "../mail/send-notification.ts";
import { limitAttempts } from "../protection/limit-rate.ts";
import { endSessions } from "../sessions/end-sessions.ts";
import type { Attempt, VerifyBody } from "./attempt.ts";
import { kindOf, type NamedFactor, namedFactor } from "./factor-kinds.ts";
import { verifyBodySchema } from "./factor-bodies.ts";
import { findFactor, isVerified } from "./find-factor.ts";
import { raiseSession } from "./raise-session.ts";
import { requireHighestAal, requireSession, type SessionCall } from "./require-session.ts";
import type { SessionResponse } from "../sessions/session-response.ts";

/** Shows a factor: its first time verifies it, and every time raises the session to aal2. */
export const verifyFactor = defineEndpoint({
  id: "auth.mfa.verify",
  method: "POST",
  path: "/factors/:factorId/verify",
  access: "user",
  notAnonymous: true,
  rateLimit: "mfa",
  body: verifyBodySchema,
  handle: async (userCall, body) => {
    const call = requireSession(userCall);
    const factor = namedFactor(call);
    if (body.code === undefined && factor.type !== "webauthn") throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Code needs to be non-empty" });
    // Whoever guesses from many addresses is stopped at the factor.
    await limitAttempts(call, "mfa", `factor ${factor.id}`);
    const attempt = await attemptOf(call, factor, body);
    const { session, isNew } = await call.db((db) => accept(call, db, factor, { attempt, challengeId: body.challenge_id }));
    if (isNew) await sendNotification(call, { kind: "mfaFactorEnrolled", user: call.user, factorType: factor.type });
    return json(session);
  },
});

type ValidAttempt = Extract<Attempt, { readonly valid: true }>;

/** A hook that counts attempts may refuse even a right answer; then the user's sessions end. */
async function attemptOf(call: SessionCall, factor: NamedFactor, body: VerifyBody): Promise<ValidAttempt> {
  const attempt = await kindOf(call, factor).attempt(call, factor.id, body);
  const userId = call.user.row.id;
  const output = await invokeHook(call, "mfaVerificationAttempt", { metadata: hookMetadata(call, "mfa-verification-attempt"), user_id: userId, factor_id: factor.id, factor_type: factor.type, valid: attempt.valid });
  if (output?.["decision"] === "reject") {
    await call.db((db) => endSessions(db, userId, "global", undefined));
    const { message } = output;
    throw new AuthError(AUTH_ERRORS.mfaVerificationRejected, typeof message === "string" && message !== "" ? { message } : {});
  }
  if (!attempt.valid) throw attempt.refusal;
  return attempt;
}

interface Accepted {
  readonly session: SessionResponse;
  /** Whether this was the factor's first time. */
  readonly isNew: boolean;
}

async function accept(call: SessionCall, db: AuthTransaction, { id, type }: NamedFactor, { attempt, challengeId }: { readonly attempt: ValidAttempt; readonly challengeId: string }): Promise<Accepted> {
  // Before any session: two that are raised at once end each other.
  const user = (await findUser(db, { id: call.user.row.id }, { forUpdate: true })) ?? call.user;
  const factor = await findFactor(db, call.user.row.id, id);
  await attempt.accept(db, factor);
  await audit(call, db, { action: "verification_attempted", actor: call.user.row, traits: { factor_id: id, challenge_id: challengeId, factor_type: type } });
  const isNew = !isVerified(factor);
  // It may have been begun before the user had any, and by somebody else who knows the password.
  if (isNew) requireHighestAal({ user, session: call.session }, "AAL2 required to verify a new factor");
  if (isNew) await db.updateTable("auth.mfa_factors").set({ status: "verified", updated_at: now() }).where("id", "=", id).execute();
  return { session: await raiseSession(call, db, factor), isNew };
}
