import { AuthError } from "../auth-error.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { pkceOf } from "../flow-state/code-challenge.ts";
import { createFlowState } from "../flow-state/flow-state.ts";
import { findInvited } from "../identities/accept-invite.ts";
import { redirectTargetOf } from "../redirects/redirect-target.ts";
import { type ClientState, keepClientState } from "./client-state.ts";
import { findProvider } from "./find-provider.ts";
import type { Provider } from "./provider.ts";
import { openProviderClient } from "./open-provider-client.ts";

/** Ours: a request can't set them at the provider. */
const RESERVED: ReadonlySet<string> = new Set(["client_id", "client_secret", "redirect_uri", "response_type", "response_mode", "state", "code_challenge", "code_challenge_method", "code_verifier", "nonce", "scope", "request", "request_uri", "appid"]);
/** Said to us, and of no use to the provider. */
const TO_US: ReadonlySet<string> = new Set(["provider", "scopes", "redirect_to", "invite_token", "skip_http_redirect", "apikey"]);

/**
 * Where to send the browser for a sign-in with the provider that the request names; what comes back is found by the state
 * in it, which is the id of the flow's row.
 *
 * @param linkingTargetId the user to whom the identity is to be linked
 * @throws BackendError validation_failed, user_not_found for an invitation that doesn't hold
 */
export async function authorizationUrl(call: AuthCall, linkingTargetId?: string): Promise<string> {
  const { query } = call;
  const provider = await findProvider(call, query.get("provider") ?? "");
  const pkce = pkceOf({ code_challenge: query.get("code_challenge") || undefined, code_challenge_method: query.get("code_challenge_method") || undefined });
  const inviteToken = query.get("invite_token") || undefined;
  const [endpoints, referrer, callback] = await Promise.all([provider.endpoints(openProviderClient(call, provider)), redirectTargetOf(call), call.link("/callback")]);
  const state = await clientState(provider, query, provider.redirectUri || callback);
  const flow = await call.db(async (db) => {
    if (inviteToken !== undefined && !(await findInvited(call, db, inviteToken))) throw new AuthError(AUTH_ERRORS.userNotFound, { message: "User identified by token not found" });
    const oauthClientStateId = await keepClientState(call, db, provider.name, state);
    return createFlowState(call, db, { provider: provider.name, method: "oauth", pkce, referrer, inviteToken, oauthClientStateId, linkingTargetId, emailOptional: provider.emailOptional });
  });
  return providerUrl(endpoints.authorization, provider, query, { ...state, state: flow.row.id });
}

async function clientState({ pkce, nonce }: Provider, query: URLSearchParams, redirectUri: string): Promise<ClientState> {
  const oauth = await import("oauth4webapi");
  return { redirectUri, ...(pkce ? { verifier: oauth.generateRandomCodeVerifier() } : {}), ...(nonce ? { nonce: query.get("nonce") || oauth.generateRandomNonce() } : {}) };
}

async function providerUrl(endpoint: string, provider: Provider, query: URLSearchParams, { redirectUri, verifier, nonce, state }: ClientState & { readonly state: string }): Promise<string> {
  const oauth = await import("oauth4webapi");
  const url = new URL(endpoint);
  for (const [name, value] of Object.entries(provider.authorizationParams)) url.searchParams.set(name, value);
  for (const [name, value] of query) if (!RESERVED.has(name.toLowerCase()) && !TO_US.has(name)) url.searchParams.set(name, value);
  const own = {
    client_id: provider.clientIds[0], redirect_uri: redirectUri, response_type: "code", state,
    scope: scopeOf(provider, query.get("scopes") ?? ""),
    ...(verifier === undefined ? {} : { code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256" }),
    ...(nonce === undefined ? {} : { nonce }),
  };
  for (const [name, value] of Object.entries(own)) if (value !== "") url.searchParams.set(name, value);
  return url.href + provider.fragment;
}

/** Scopes that a request names come after the provider's own; separated by blanks or commas, as with GoTrue. */
function scopeOf({ scopes, scopeSeparator }: Provider, asked: string): string {
  return [...new Set([...scopes, ...asked.split(/[\s,]+/).filter(Boolean)])].join(scopeSeparator);
}
