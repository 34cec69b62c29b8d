import type { BackendError } from "@plinth/core";
import { sql } from "kysely";
import { audit } from "../audit/record-audit-entry.ts";
import { AuthError, OAuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { findUser } from "../users/find-user.ts";
import { isBanned, type LoadedUser } from "../users/user.ts";
import { signAccessToken } from "./access-token.ts";
import { inet } from "./issue-session.ts";
import { COUNTER_LEAP, decodeRefreshToken, encodeRefreshToken, type RefreshToken } from "./refresh-token.ts";
import { type SessionResponse, toSessionResponse } from "./session-response.ts";
import { findSession, lastRefreshedAt, type LoadedSession, sessionValidity, type SessionValidity } from "./session.ts";

export interface RefreshSessionOptions {
  /** The OAuth client that asks, where one does: it must be the session's. */
  readonly oauthClientId?: string | undefined;
}

/** In place of an answer: what is to be said once the transaction is committed, which has ended the session. */
type Outcome = SessionResponse | { readonly refused: BackendError };

/**
 * Gives a session new tokens. A refresh token counts its uses: the present one moves the session on. The one before it,
 * whose answer may never have arrived, and any that comes within the reuse interval (parallel tabs, server rendering)
 * get the present tokens. Anything older has been copied, and ends the session.
 *
 * @throws BackendError refresh_token_not_found, refresh_token_already_used, session_not_found, session_expired, user_banned
 */
export async function refreshSession(call: AuthCall, token: string, options: RefreshSessionOptions = {}): Promise<SessionResponse> {
  const shown = await decodeRefreshToken(call.tenant.secrets, token);
  if (shown === undefined) throw new AuthError(AUTH_ERRORS.refreshTokenNotFound);
  const outcome = await call.db((db) => refresh(call, db, shown, options));
  if ("refused" in outcome) throw outcome.refused;
  return outcome;
}

async function refresh(call: AuthCall, db: AuthTransaction, shown: RefreshToken, { oauthClientId }: RefreshSessionOptions): Promise<Outcome> {
  const session = await findSession(db, shown.sessionId, { forUpdate: true });
  if (session === undefined) throw new AuthError(AUTH_ERRORS.sessionOfRefreshTokenNotFound);
  const user = await findUser(db, { id: session.row.user_id });
  if (user === undefined) throw new AuthError(AUTH_ERRORS.sessionOfRefreshTokenNotFound);
  if (isBanned(user.row)) throw new AuthError(AUTH_ERRORS.userBanned, { message: "Invalid Refresh Token: User Banned" });
  checkClient(session, oauthClientId);
  checkValidity(sessionValidity(session, user, call.config));
  if (call.config.sessions.singlePerUser) await checkOnlySession(call, db, user, session);

  const present = Number(session.row.refresh_token_counter ?? 0);
  const behind = present - shown.counter;
  if (behind < 0) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Invalid Refresh Token: Not Issued By This Server" });
  if (behind > 0 && !mayBeUsedAgain(call, session, behind)) return refuseReuse(call, db, session);
  const counter = behind === 0 ? present + 1 : present;

  await db
    .updateTable("auth.sessions")
    .set({ refresh_token_counter: counter, refreshed_at: sql<Date>`now() at time zone 'utc'`, user_agent: call.userAgent ?? null, ip: inet(call.ip) })
    .where("id", "=", session.row.id)
    .execute();
  await audit(call, db, { action: "token_refreshed", actor: user.row });
  const access = await signAccessToken(call, db, user, session, "token_refresh");
  return toSessionResponse(access, await encodeRefreshToken(call.tenant.secrets, { sessionId: session.row.id, counter }), user);
}

function mayBeUsedAgain({ config }: AuthCall, { row }: LoadedSession, behind: number): boolean {
  const { refreshTokenReuseInterval, refreshTokenAllowReuse } = config.security;
  if (behind >= COUNTER_LEAP) return false;
  return behind === 1 || refreshTokenAllowReuse || Date.now() - lastRefreshedAt(row) < refreshTokenReuseInterval * 1_000;
}

/** Two hold what is one's: neither goes on. */
async function refuseReuse({ config }: AuthCall, db: AuthTransaction, { row }: LoadedSession): Promise<Outcome> {
  if (config.security.refreshTokenRotationEnabled) await db.deleteFrom("auth.sessions").where("id", "=", row.id).execute();
  return { refused: new AuthError(AUTH_ERRORS.refreshTokenAlreadyUsed) };
}

const EXPIRED: Readonly<Record<Exclude<SessionValidity, "valid">, string>> = {
  "past-end": "Invalid Refresh Token: Session Expired",
  inactive: "Invalid Refresh Token: Session Expired (Inactivity)",
  "low-aal": "Invalid Refresh Token: Session Expired (Low AAL: User Needs MFA Verification)",
};

function checkValidity(validity: SessionValidity): void {
  if (validity !== "valid") throw new AuthError(AUTH_ERRORS.sessionExpired, { message: EXPIRED[validity] });
}

function checkClient({ row }: LoadedSession, clientId: string | undefined): void {
  if ((row.oauth_client_id ?? undefined) === clientId) return;
  if (row.oauth_client_id === null) throw new OAuthError("invalid_client", "Client authentication not allowed for non-OAuth session");
  throw new OAuthError("invalid_client", clientId === undefined ? "Client authentication required for OAuth session" : "Client does not match the session's OAuth client");
}

/** Of a user's sessions only the latest may go on; with tags, the latest of each tag. */
async function checkOnlySession({ config }: AuthCall, db: AuthTransaction, user: LoadedUser, session: LoadedSession): Promise<void> {
  const others = await db.selectFrom("auth.sessions").selectAll().where("user_id", "=", user.row.id).where("id", "<>", session.row.id).execute();
  const tag = tagOf(session.row.tag, config.sessions.tags);
  const isNewer = (row: LoadedSession["row"]): boolean =>
    row.oauth_client_id === session.row.oauth_client_id && tagOf(row.tag, config.sessions.tags) === tag && sessionValidity({ row, claims: [] }, { factors: [] }, config) === "valid" && lastRefreshedAt(row) > lastRefreshedAt(session.row);
  if (others.some(isNewer)) throw new AuthError(AUTH_ERRORS.sessionExpired, { message: "Invalid Refresh Token: Session Expired (Revoked by Newer Login)" });
}

const tagOf = (tag: string | null, tags: readonly string[]): string => (tag !== null && tags.includes(tag) ? tag : (tags[0] ?? ""));
