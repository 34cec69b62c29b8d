import { randomUUID } from "node:crypto";
import { isIP } from "node:net";
import type { AuthCall } from "../endpoint/auth-call.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import { saved } from "../database/database-errors.ts";
import { now } from "../database/now.ts";
import type { LoadedUser } from "../users/user.ts";
import { signAccessToken } from "./access-token.ts";
import type { AuthenticationMethod } from "./authentication-method.ts";
import { encodeRefreshToken } from "./refresh-token.ts";
import { type SessionResponse, toSessionResponse } from "./session-response.ts";
import type { LoadedSession } from "./session.ts";

export interface IssueSessionOptions {
  /** Of the session. Default: a new one. */
  readonly id?: string | undefined;
  readonly factorId?: string | undefined;
  /** When the session ends whatever happens: an identity provider has said so. */
  readonly notAfter?: Date | undefined;
  /** Of the OAuth server: the client that the session is for, and what it may do. */
  readonly oauthClientId?: string | undefined;
  readonly scopes?: string | undefined;
}

/** Signs a user in: a new session, its first refresh token and an access token. */
export async function issueSession(call: AuthCall, db: AuthTransaction, user: LoadedUser, method: AuthenticationMethod, options: IssueSessionOptions = {}): Promise<SessionResponse> {
  const at = now();
  const row = await db
    .insertInto("auth.sessions")
    .values({
      id: options.id ?? randomUUID(), user_id: user.row.id, created_at: at, updated_at: at, aal: "aal1", factor_id: options.factorId ?? null, not_after: options.notAfter ?? null,
      user_agent: call.userAgent ?? null, ip: inet(call.ip), refresh_token_counter: 0, oauth_client_id: options.oauthClientId ?? null, scopes: options.scopes ?? null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await addAmrClaim(db, row.id, method);
  await saved("Database error updating user's last_sign_in_at", db.updateTable("auth.users").set({ last_sign_in_at: at, updated_at: at }).where("id", "=", user.row.id).execute());
  const session: LoadedSession = { row, claims: [{ authentication_method: method, updated_at: at }] };
  const signedIn: LoadedUser = { ...user, row: { ...user.row, last_sign_in_at: at, updated_at: at } };
  const access = await signAccessToken(call, db, signedIn, session, method);
  return toSessionResponse(access, await encodeRefreshToken(call.tenant.secrets, { sessionId: row.id, counter: 0 }), signedIn);
}

/** Notes how the session was made or raised; once for each method. */
export async function addAmrClaim(db: AuthTransaction, sessionId: string, method: AuthenticationMethod): Promise<void> {
  const at = now();
  await db
    .insertInto("auth.mfa_amr_claims")
    .values({ id: randomUUID(), session_id: sessionId, authentication_method: method, created_at: at, updated_at: at })
    .onConflict((conflict) => conflict.columns(["session_id", "authentication_method"]).doUpdateSet({ updated_at: at }))
    .execute();
}

/** For a column of type inet; null where it is no address. */
export const inet = (address: string | undefined): string | null => (address !== undefined && isIP(address) !== 0 ? address : null);
