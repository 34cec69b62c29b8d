import { AuthError } from "../auth-error.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { redirect } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { siteUrlOf } from "../redirects/redirect-target.ts";
import { createAuthorization } from "./authorization.ts";
import { readAuthorizationRequest } from "./authorization-request.ts";
import { authorizationResponseUrl } from "./authorization-response.ts";
import { canSignIdTokens } from "./id-token.ts";
import { findOAuthClient, type OAuthClient } from "./oauth-client.ts";
import { isRegisteredRedirectUri } from "./redirect-uris.ts";
import { requireOAuthServer } from "./require-oauth-server.ts";

/** Where a client sends its user's browser: on to the application's own page, which asks the user. */
export const oauthAuthorize = defineEndpoint({
  id: "auth.oauth.authorize",
  method: "GET",
  path: "/oauth/authorize",
  access: "public",
  requires: requireOAuthServer,
  handle: async (call) => {
    const { client, redirectUri } = await clientOf(call);
    const request = readAuthorizationRequest(call.query, { defaultScope: call.config.oauthServer.defaultScope, hasIdTokens: canSignIdTokens(call) });
    if ("error" in request) return redirect(authorizationResponseUrl({ redirectUri, state: call.query.get("state"), issuer: await call.issuer() }, request), 302);
    const id = await call.db((db) => createAuthorization(call, db, client.row.id, request));
    return redirect(await consentPage(call, id), 302);
  },
});

/**
 * Until these two are certain, nothing leads anywhere: an error is answered on the spot.
 * @throws BackendError validation_failed, oauth_client_not_found
 */
async function clientOf({ query, db }: AuthCall): Promise<{ readonly client: OAuthClient; readonly redirectUri: string }> {
  for (const name of ["client_id", "redirect_uri"]) {
    if (query.getAll(name).length > 1) throw new AuthError(AUTH_ERRORS.validationFailed, { message: `${name} is included more than once` });
    if (!query.get(name)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: `${name} is required` });
  }
  const client = await db((transaction) => findOAuthClient(transaction, query.get("client_id")!));
  if (client === undefined) throw new AuthError(AUTH_ERRORS.oauthClientNotFound, { status: 400, message: "invalid client_id" });
  const redirectUri = query.get("redirect_uri")!;
  if (!isRegisteredRedirectUri(client.redirectUris, redirectUri)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "invalid redirect_uri" });
  return { client, redirectUri };
}

async function consentPage(call: AuthCall, authorizationId: string): Promise<string> {
  const { authorizationPath } = call.config.oauthServer;
  const page = `${(await siteUrlOf(call)).replace(/\/+$/, "")}/${authorizationPath.replace(/^\/+/, "")}`;
  return `${page}${page.includes("?") ? "&" : "?"}authorization_id=${authorizationId}`;
}
