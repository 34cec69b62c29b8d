import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { FactorType } from "../database/auth-tables.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { signAccessToken } from "../sessions/access-token.ts";
import type { AuthenticationMethod } from "../sessions/authentication-method.ts";
import { addAmrClaim } from "../sessions/issue-session.ts";
import { COUNTER_LEAP, encodeRefreshToken } from "../sessions/refresh-token.ts";
import { type SessionResponse, toSessionResponse } from "../sessions/session-response.ts";
import { findSession } from "../sessions/session.ts";
import { findUser } from "../users/find-user.ts";
import type { StoredFactor } from "./find-factor.ts";
import type { SessionCall } from "./require-session.ts";

/** What a factor is called in `amr`. */
export const METHODS: Readonly<Record<FactorType, AuthenticationMethod>> = { totp: "totp", phone: "mfa/phone", webauthn: "mfa/webauthn" };

/**
 * Makes the session one of aal2, and ends those of the user that are not: from now on a password alone opens nothing.
 * Factors of the type that were never finished go too. The refresh tokens that were given out before can't be used any
 * more: whoever has one has not shown the second factor.
 */
export async function raiseSession(call: SessionCall, db: AuthTransaction, factor: Pick<StoredFactor, "id" | "factor_type">): Promise<SessionResponse> {
  const { id: factorId, factor_type: type } = factor;
  const userId = call.user.row.id;
  const held = await findSession(db, call.session.row.id, { forUpdate: true });
  if (held === undefined) throw new AuthError(AUTH_ERRORS.sessionNotFound);
  const counter = Number(held.row.refresh_token_counter ?? 0) + COUNTER_LEAP;
  await addAmrClaim(db, held.row.id, METHODS[type]);
  await db.updateTable("auth.sessions").set({ aal: "aal2", factor_id: factorId, refresh_token_counter: counter }).where("id", "=", held.row.id).execute();
  await db.deleteFrom("auth.sessions").where("user_id", "=", userId).where((e) => e.or([e("aal", "is", null), e("aal", "<", "aal2")])).execute();
  await db.deleteFrom("auth.mfa_factors").where("user_id", "=", userId).where("factor_type", "=", type).where("status", "=", "unverified").execute();
  const [user, session] = [await findUser(db, { id: userId }), await findSession(db, held.row.id)];
  if (user === undefined || session === undefined) throw new AuthError(AUTH_ERRORS.userOfTokenNotFound);
  const access = await signAccessToken(call, db, user, session, METHODS[type]);
  return toSessionResponse(access, await encodeRefreshToken(call.tenant.secrets, { sessionId: session.row.id, counter }), user);
}
