import { z } from "zod";
import { AuthError } from "../auth-error.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { approve, deny, pendingAuthorization, requireOwnOrigin } from "./authorization.ts";
import { authorizationResponseUrl } from "./authorization-response.ts";
import { rememberConsent } from "./consents.ts";
import { findOAuthClient } from "./oauth-client.ts";
import { requireOAuthServer } from "./require-oauth-server.ts";

/** What the user has decided, and where the browser goes with that. */
export const consent = defineEndpoint({
  id: "auth.oauth.authorization.consent",
  method: "POST",
  path: "/oauth/authorizations/:authorizationId/consent",
  access: "user",
  requires: requireOAuthServer,
  body: z.object({ action: z.string().nullish() }),
  handle: async (call, { action }) => {
    await requireOwnOrigin(call);
    if (action !== "approve" && action !== "deny") throw new AuthError(AUTH_ERRORS.validationFailed, { message: "action must be 'approve' or 'deny'" });
    const { id: userId } = call.user.row;
    const { authorization, response } = await call.db(async (db) => {
      const row = await pendingAuthorization(call, db);
      if (row.user_id !== userId || (await findOAuthClient(db, row.client_id)) === undefined) throw new AuthError(AUTH_ERRORS.oauthAuthorizationNotFound);
      if (action === "deny") {
        await deny(db, row);
        return { authorization: row, response: { error: "access_denied", description: "User denied the request" } };
      }
      await rememberConsent(db, userId, row);
      return { authorization: row, response: { code: await approve(call, db, row) } };
    });
    return json({ redirect_url: authorizationResponseUrl({ redirectUri: authorization.redirect_uri, state: authorization.state, issuer: await call.issuer() }, response) });
  },
});
