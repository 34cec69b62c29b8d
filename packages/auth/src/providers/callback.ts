import { BackendError, readText } from "@plinth/core";
import { AuthError, OAuthError } from "../auth-error.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { MAX_BODY_BYTES } from "../endpoint/read-json.ts";
import { toAuthError } from "../endpoint/render-error.ts";
import { redirect } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import type { ExternalProfile } from "../identities/external-profile.ts";
import { errorRedirect } from "../redirects/error-redirect.ts";
import { siteUrlOf } from "../redirects/redirect-target.ts";
import { completeFlow } from "./complete-flow.ts";
import { exchangeCode } from "./exchange-code.ts";
import { findProvider } from "./find-provider.ts";
import { openProviderClient } from "./open-provider-client.ts";
import type { ProfileSource, Provider } from "./provider.ts";
import { type ReturnedFlow, takeFlow } from "./take-flow.ts";

/** Where a provider sends a browser back to. */
export const callback = defineEndpoint({
  id: "auth.callback",
  method: "GET",
  path: "/callback",
  access: "public",
  handle: (call) => finish(call, call.query),
});

/** The same, of providers that post a form (OAuth 2.0 Form Post Response Mode): Apple. */
export const callbackForm = defineEndpoint({
  id: "auth.callback.form",
  method: "POST",
  path: "/callback",
  access: "public",
  handle: async (call) => finish(call, new URLSearchParams(await readText(call.request, { maxBytes: MAX_BODY_BYTES }))),
});

/** Errors go where the application asked to be led to, once that is known; till then to the site. */
async function finish(call: AuthCall, parameters: URLSearchParams): Promise<Response> {
  const site = await siteUrlOf(call);
  let flow: ReturnedFlow;
  try {
    flow = await takeFlow(call, parameters.get("state"));
  } catch (error) {
    return redirect(errorRedirect(site, told(call, error)), 303);
  }
  const target = flow.row.referrer ?? site;
  try {
    return redirect(await signIn(call, flow, parameters, target), 302);
  } catch (error) {
    return redirect(errorRedirect(target, told(call, error)), 302);
  }
}

/** What the server's side has to do with is in the log, with its cause: the browser gets none of that. */
function told(call: AuthCall, thrown: unknown): BackendError {
  const error = toAuthError(thrown, call.request);
  if (error.status >= 500) call.auth.log("A sign-in with a provider failed.", { code: error.code, message: error.message, cause: String((error.cause as Error | undefined)?.message ?? "") });
  return error;
}

async function signIn(call: AuthCall, flow: ReturnedFlow, parameters: URLSearchParams, target: string): Promise<string> {
  const error = parameters.get("error");
  if (error) throw new OAuthError(error, parameters.get("error_description") ?? "");
  const code = parameters.get("code");
  if (!code) throw new AuthError(AUTH_ERRORS.badOauthCallback, { message: "OAuth callback with missing authorization code missing" });
  const provider = await findProvider(call, flow.row.provider_type);
  checkIssuer(provider, parameters.get("iss"));
  const client = openProviderClient(call, provider);
  const tokens = await exchangeCode(client, provider, { code, redirectUri: flow.state.redirectUri, verifier: flow.state.verifier });
  const profile = await readProfile({ tokens, client, nonce: flow.state.nonce, callback: parameters }, provider);
  if (profile.emails.length === 0 && !flow.row.email_optional) throw new AuthError(AUTH_ERRORS.emailAddressNotProvided);
  return completeFlow(call, flow.row, { provider: provider.name, profile, emailOptional: flow.row.email_optional }, tokens, target);
}

/** An answer of another authorization server than was asked is a mix-up (RFC 9207). */
function checkIssuer({ issuer }: Provider, given: string | null): void {
  if (given !== null && issuer !== undefined && given.replace(/\/$/, "") !== issuer.replace(/\/$/, "")) throw new AuthError(AUTH_ERRORS.badOauthCallback, { message: "The answer is another provider's" });
}

async function readProfile(source: ProfileSource, provider: Provider): Promise<ExternalProfile> {
  try {
    return await provider.readProfile(source, provider);
  } catch (cause) {
    if (cause instanceof BackendError && cause.status < 500) throw cause;
    throw new AuthError(AUTH_ERRORS.unexpectedFailure, { message: "Error getting user profile from external provider", cause: cause instanceof BackendError ? (cause.cause ?? cause) : cause });
  }
}
