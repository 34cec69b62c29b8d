import { AuthError, OAuthError } from "../auth-error.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { refreshSession } from "../sessions/refresh-session.ts";
import type { SessionResponse } from "../sessions/session-response.ts";
import { authenticateClient } from "./authenticate-client.ts";
import { signIdToken } from "./id-token.ts";
import type { OAuthClient } from "./oauth-client.ts";
import { type FormParameters, readForm } from "./read-form.ts";
import { redeemCode } from "./redeem-code.ts";
import { requireOAuthServer } from "./require-oauth-server.ts";

type TokenGrant = (call: AuthCall, client: OAuthClient, parameters: FormParameters) => Promise<Response>;

/** By `grant_type`. */
const GRANTS: Readonly<Record<string, TokenGrant>> = {
  authorization_code: async (call, client, parameters) => {
    const { session, user, authorization } = await redeemCode(call, client, parameters);
    const idToken = await signIdToken(call, { user, clientId: client.row.id, scope: authorization.scope, nonce: authorization.nonce ?? undefined, authTime: authorization.approved_at ?? new Date() });
    return tokenResponse(client, session, { scope: authorization.scope, ...(idToken === undefined ? {} : { id_token: idToken }) });
  },
  refresh_token: async (call, client, { refresh_token: token }) => {
    if (!token) throw new OAuthError("invalid_request", "refresh_token is required for refresh_token grant");
    return tokenResponse(client, await refreshSession(call, token, { oauthClientId: client.row.id }).catch(refuseAsOAuth));
  },
};

/** Where clients get tokens (RFC 6749, 3.2). They show no key of the project's: they have their own. */
export const oauthToken = defineEndpoint({
  id: "auth.oauth.token",
  method: "POST",
  path: "/oauth/token",
  access: "public",
  rateLimit: "tokenRefresh",
  requires: requireOAuthServer,
  handle: async (call) => {
    const parameters = await readForm(call.request);
    const { grant_type: type } = parameters;
    if (!type) throw new OAuthError("invalid_request", "grant_type is required");
    const client = await authenticateClient(call, parameters);
    const grant = Object.hasOwn(GRANTS, type) ? GRANTS[type] : undefined;
    if (grant === undefined) throw new OAuthError("unsupported_grant_type", "Unsupported grant type");
    if (!client.grantTypes.includes(type)) throw new OAuthError("unauthorized_client", `Client is not allowed to use grant type: ${type}`);
    return grant(call, client, parameters);
  },
});

/** Nothing of the user: that is what userinfo and the id_token are for. */
function tokenResponse({ grantTypes }: OAuthClient, session: SessionResponse, more: Readonly<Record<string, string>> = {}): Response {
  const { access_token, token_type, expires_in, refresh_token } = session;
  return json({ access_token, token_type, expires_in, ...(grantTypes.includes("refresh_token") ? { refresh_token } : {}), ...more }, 200, { pragma: "no-cache" });
}

/** What is wrong with a refresh token, in OAuth's words (RFC 6749, 5.2); another client's is as wrong as any. */
function refuseAsOAuth(error: unknown): never {
  if (error instanceof OAuthError && error.error === "invalid_client") throw new OAuthError("invalid_grant", "Invalid Refresh Token: issued to another client", { cause: error });
  if (error instanceof AuthError && error.status >= 400 && error.status < 500) throw new OAuthError("invalid_grant", error.message, { cause: error });
  throw error;
}
