import { type Claims, isUuid } from "@plinth/core";
import { AuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { loadCaller } from "../sessions/load-caller.ts";
import { sessionValidity } from "../sessions/session.ts";
import { isBanned } from "../users/user.ts";
import type { AuthCall, UserCall } from "./auth-call.ts";

const NO_SESSION = "00000000-0000-0000-0000-000000000000";

/**
 * The user that the Bearer token is of, with the session: both must be there still.
 * @throws BackendError no_authorization, bad_jwt, user_not_found, session_not_found, user_banned
 */
export async function requireUser(call: AuthCall): Promise<UserCall> {
  if (!showsBearer(call)) throw new AuthError(AUTH_ERRORS.noAuthorization);
  return { ...call, ...(await loadUserOf(call, call.caller.claims)) };
}

/**
 * Whom a verified token is of, as they are now.
 * @throws BackendError bad_jwt, user_not_found, session_not_found, user_banned
 */
export async function loadUserOf(call: Pick<AuthCall, "tenant"> & Partial<Pick<AuthCall, "signal">>, claims: Claims): Promise<Pick<UserCall, "user" | "session">> {
  const { userId, sessionId } = namedByToken(claims);
  const { user, session } = await loadCaller(call, userId, sessionId);
  if (user === undefined || user.row.deleted_at !== null) throw new AuthError(AUTH_ERRORS.userOfTokenNotFound);
  // Of another user: somebody who has the secret made it up.
  if (sessionId !== undefined && session?.row.user_id !== user.row.id) throw new AuthError(AUTH_ERRORS.sessionNotFound);
  if (isBanned(user.row)) throw new AuthError(AUTH_ERRORS.userBannedForbidden);
  return { user, session };
}

/** @throws BackendError bad_jwt */
function namedByToken({ sub, session_id: sessionId }: Claims): { readonly userId: string; readonly sessionId: string | undefined } {
  if (sub === undefined || sub === "") throw new AuthError(AUTH_ERRORS.badJwt, { message: "invalid claim: missing sub claim" });
  if (!isUuid(sub)) throw new AuthError(AUTH_ERRORS.badJwt, { status: 400, message: "invalid claim: sub claim must be a UUID" });
  if (sessionId === undefined || sessionId === "" || sessionId === NO_SESSION) return { userId: sub, sessionId: undefined };
  if (!isUuid(sessionId)) throw new AuthError(AUTH_ERRORS.badJwt, { message: "invalid claim: session_id claim must be a UUID" });
  return { userId: sub, sessionId };
}

export function requireNotAnonymous({ caller }: AuthCall): void {
  if (caller.claims["is_anonymous"] === true) throw new AuthError(AUTH_ERRORS.anonymousNotAllowed);
}

/** A client of the OAuth server may act for its user on data, as row level security lets it; not on the account. */
export function requireNoOAuthClient(call: AuthCall | UserCall): void {
  if ("session" in call && call.session !== undefined && call.session.row.oauth_client_id !== null) throw new AuthError(AUTH_ERRORS.oauthClientNotAllowed);
}

/**
 * The service role, or a user whose role may administer and whose session still holds.
 * @throws BackendError no_authorization, not_admin, and as `requireUser`
 */
export async function requireAdmin(call: AuthCall): Promise<AuthCall> {
  const { caller, config } = call;
  if (!caller.authenticated) throw showsBearer(call) ? new AuthError(AUTH_ERRORS.notAdmin) : new AuthError(AUTH_ERRORS.noAuthorization);
  const user = caller.claims["session_id"] === undefined ? undefined : await requireUser(call);
  if (user?.session && sessionValidity(user.session, user.user, config) !== "valid") throw new AuthError(AUTH_ERRORS.adminSessionExpired);
  if (!isAdmin(call)) throw new AuthError(AUTH_ERRORS.notAdmin);
  return user ?? call;
}

/** Whether the key or token may administer users. */
export const isAdmin = ({ caller, config, tenant }: Pick<AuthCall, "caller" | "config" | "tenant">): boolean =>
  caller.authenticated && (caller.role === tenant.project.roles.service || config.jwt.adminRoles.includes(caller.role));

const showsBearer = ({ request }: AuthCall): boolean => request.headers.has("authorization");
