import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { UserCall } from "../endpoint/auth-call.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { approve, type AuthorizationRow, pendingAuthorization, requireOwnOrigin } from "./authorization.ts";
import { authorizationResponseUrl } from "./authorization-response.ts";
import { hasConsented } from "./consents.ts";
import { clientDetails, findOAuthClient, type OAuthClient } from "./oauth-client.ts";
import { requireOAuthServer } from "./require-oauth-server.ts";

/** What the page that asks for consent shows. The first user who looks is the one that is asked. */
export const getAuthorization = defineEndpoint({
  id: "auth.oauth.authorization.get",
  method: "GET",
  path: "/oauth/authorizations/:authorizationId",
  access: "user",
  requires: requireOAuthServer,
  handle: async (call) => {
    await requireOwnOrigin(call);
    const { authorization, client, code } = await call.db((db) => claim(call, db));
    if (code !== undefined) return json({ redirect_url: authorizationResponseUrl({ redirectUri: authorization.redirect_uri, state: authorization.state, issuer: await call.issuer() }, { code }) });
    return json({
      authorization_id: authorization.authorization_id,
      redirect_uri: authorization.redirect_uri,
      client: clientDetails(client),
      user: { id: call.user.row.id, email: call.user.row.email ?? "" },
      scope: authorization.scope,
    });
  },
});

interface Claimed {
  readonly authorization: AuthorizationRow;
  readonly client: OAuthClient;
  /** Where the user need not be asked once more. */
  readonly code: string | undefined;
}

async function claim(call: UserCall, db: AuthTransaction): Promise<Claimed> {
  const authorization = await pendingAuthorization(call, db);
  const { id: userId } = call.user.row;
  const client = await findOAuthClient(db, authorization.client_id);
  if (client === undefined || (authorization.user_id !== null && authorization.user_id !== userId)) throw new AuthError(AUTH_ERRORS.oauthAuthorizationNotFound);
  if (authorization.user_id === null) await db.updateTable("auth.oauth_authorizations").set({ user_id: userId }).where("id", "=", authorization.id).execute();
  const isRemembered = isCertain(client, authorization) && (await hasConsented(db, userId, authorization));
  return { authorization, client, code: isRemembered ? await approve(call, db, authorization) : undefined };
}

/**
 * Whether it is sure to be that client which gets the code: it shows a secret, or its host's certificate. Any program of a
 * device can pass itself off for one that has neither, so that the user is asked each time (RFC 8252, 8.6).
 */
const isCertain = ({ row }: OAuthClient, { redirect_uri: uri }: AuthorizationRow): boolean => row.client_type === "confidential" || uri.startsWith("https://");
