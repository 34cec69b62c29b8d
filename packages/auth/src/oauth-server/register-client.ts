import { AuthError, OAuthError } from "../auth-error.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { type Registration, registrationSchema } from "./client-metadata.ts";
import { createOAuthClient } from "./create-oauth-client.ts";
import { clientResponse } from "./oauth-client.ts";
import { requireOAuthServer } from "./require-oauth-server.ts";

/** Dynamic client registration (RFC 7591): anybody may register, where the project lets them. */
export const registerClient = defineEndpoint<"public", Registration>({
  id: "auth.oauth.register",
  method: "POST",
  path: "/oauth/clients/register",
  access: "public",
  rateLimit: "oauthDynamicClientRegister",
  requires: (config) => {
    requireOAuthServer(config);
    if (!config.oauthServer.allowDynamicRegistration) throw new AuthError(AUTH_ERRORS.oauthDynamicClientRegistrationDisabled);
  },
  body: registrationSchema,
  handle: async (call, body) => {
    const { client, secret } = await createOAuthClient(call, body, "dynamic").catch(refuseAsOAuth);
    const issued = { client_id_issued_at: Math.floor(client.row.created_at.getTime() / 1_000), ...(secret === undefined ? {} : { client_secret_expires_at: 0 }) };
    return json({ ...clientResponse(client, secret), ...issued }, 201);
  },
});

/** RFC 7591, 3.2.2. */
function refuseAsOAuth(error: unknown): never {
  if (!(error instanceof AuthError) || error.code !== AUTH_ERRORS.validationFailed.code) throw error;
  throw new OAuthError(error.details === "redirect_uris" ? "invalid_redirect_uri" : "invalid_client_metadata", error.message, { cause: error });
}
