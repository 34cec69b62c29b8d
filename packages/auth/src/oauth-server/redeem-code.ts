import { audit } from "../audit/record-audit-entry.ts";
import { OAuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { isVerifier } from "../flow-state/code-challenge.ts";
import { issueSession } from "../sessions/issue-session.ts";
import type { SessionResponse } from "../sessions/session-response.ts";
import { findUser } from "../users/find-user.ts";
import { isBanned, type LoadedUser } from "../users/user.ts";
import { type AuthorizationRow, codeDigest } from "./authorization.ts";
import type { OAuthClient } from "./oauth-client.ts";
import type { FormParameters } from "./read-form.ts";

/** What a code was good for. */
export interface RedeemedCode {
  readonly session: SessionResponse;
  readonly user: LoadedUser;
  readonly authorization: AuthorizationRow;
}

/** In place of an answer: what is said once the transaction is committed, in which the code was used up. */
type Outcome = RedeemedCode | { readonly refused: OAuthError };

/**
 * Exchanges a code for a session (RFC 6749, 4.1.3; RFC 7636, 4.6). A code is good for one try; the tokens of one that
 * comes again are revoked, since somebody has it who shouldn't (RFC 6749, 4.1.2).
 *
 * @throws OAuthError invalid_request, invalid_grant
 */
export async function redeemCode(call: AuthCall, client: OAuthClient, parameters: FormParameters): Promise<RedeemedCode> {
  const { code } = parameters;
  if (!code) throw new OAuthError("invalid_request", "code is required for authorization_code grant");
  const digest = await codeDigest(call, code);
  const outcome = await call.db((db) => redeem(call, db, client, digest, parameters));
  if ("refused" in outcome) throw outcome.refused;
  return outcome;
}

async function redeem(call: AuthCall, db: AuthTransaction, client: OAuthClient, digest: string, parameters: FormParameters): Promise<Outcome> {
  const authorization = await db.selectFrom("auth.oauth_authorizations").selectAll().where("authorization_code", "=", digest).forUpdate().executeTakeFirst();
  if (authorization === undefined) throw invalidGrant("Invalid authorization code");
  // Who is not the client can't use it up either.
  if (authorization.client_id !== client.row.id) throw invalidGrant("Authorization code was not issued for this client");
  if (authorization.status !== "approved") {
    await db.deleteFrom("auth.sessions").where("id", "=", authorization.id).execute();
    return { refused: invalidGrant("Invalid authorization code") };
  }
  await db.updateTable("auth.oauth_authorizations").set({ status: "expired" }).where("id", "=", authorization.id).execute();
  const problem = problemOf(authorization, parameters);
  if (problem !== undefined) return { refused: invalidGrant(problem) };
  const user = authorization.user_id === null ? undefined : await findUser(db, { id: authorization.user_id });
  if (user === undefined || user.row.deleted_at !== null) return { refused: invalidGrant("User not found for authorization code") };
  if (isBanned(user.row)) return { refused: new OAuthError("access_denied", "User is banned") };
  await audit(call, db, { action: "login", actor: user.row, traits: { provider_type: "oauth_provider_authorization_code", client_id: client.row.id } });
  const session = await issueSession(call, db, user, "oauth_provider/authorization_code", { id: authorization.id, oauthClientId: client.row.id, scopes: authorization.scope });
  return { session, user, authorization };
}

function problemOf(authorization: AuthorizationRow, { redirect_uri: redirectUri, resource, code_verifier: verifier }: FormParameters): string | undefined {
  if (authorization.expires_at.getTime() < Date.now()) return "Authorization code has expired";
  if (resource && resource !== authorization.resource) return "Authorization code resource does not match the resource parameter";
  if (redirectUri !== undefined && redirectUri !== authorization.redirect_uri) return "Invalid redirect_uri";
  if (!verifier) return "PKCE verification failed: code_verifier is required when PKCE challenge is present";
  if (authorization.code_challenge === null || !isVerifier(verifier, { challenge: authorization.code_challenge, method: "s256" })) return "PKCE verification failed: code challenge does not match previously saved code verifier";
  return undefined;
}

const invalidGrant = (description: string): OAuthError => new OAuthError("invalid_grant", description);
