import type { AuthCall } from "../endpoint/auth-call.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_METHODS, GRANT_TYPES } from "./client-metadata.ts";
import { canSignIdTokens } from "./id-token.ts";
import { requireOAuthServer } from "./require-oauth-server.ts";
import { SUPPORTED_SCOPES } from "./scopes.ts";

/** What a client needs to know of the server (RFC 8414; OpenID Connect Discovery). */
export async function serverMetadata(call: AuthCall): Promise<Readonly<Record<string, unknown>>> {
  const { oauthServer } = call.config;
  const { algorithm } = call.tenant.secrets.sign;
  const hasIdTokens = canSignIdTokens(call);
  return {
    issuer: await call.issuer(),
    authorization_endpoint: await call.link("/oauth/authorize"),
    token_endpoint: await call.link("/oauth/token"),
    jwks_uri: await call.link("/.well-known/jwks.json"),
    userinfo_endpoint: await call.link("/oauth/userinfo"),
    ...(oauthServer.enabled && oauthServer.allowDynamicRegistration ? { registration_endpoint: await call.link("/oauth/clients/register") } : {}),
    scopes_supported: SUPPORTED_SCOPES.filter((scope) => scope !== "openid" || hasIdTokens),
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: GRANT_TYPES,
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: hasIdTokens ? [algorithm] : ["RS256", "ES256"],
    token_endpoint_auth_methods_supported: AUTH_METHODS,
    code_challenge_methods_supported: ["S256"],
    authorization_response_iss_parameter_supported: true,
    claims_supported: ["sub", "aud", "iss", "exp", "iat", "auth_time", "nonce", "email", "email_verified", "phone_number", "phone_number_verified", "name", "picture", "preferred_username", "updated_at"],
  };
}

const CACHED = { "cache-control": "public, max-age=600" };

/** Of every project: whoever verifies its tokens finds the key set by it. */
export const openIdConfiguration = defineEndpoint({
  id: "auth.openid-configuration",
  method: "GET",
  path: "/.well-known/openid-configuration",
  access: "public",
  handle: async (call) => json(await serverMetadata(call), 200, CACHED),
});

export const oauthServerMetadata = defineEndpoint({
  id: "auth.oauth-authorization-server",
  method: "GET",
  path: "/.well-known/oauth-authorization-server",
  access: "public",
  requires: requireOAuthServer,
  handle: async (call) => json(await serverMetadata(call), 200, CACHED),
});
