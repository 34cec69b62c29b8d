import { BackendError, isUuid, readText } from "@plinth/core";
import { AuthError } from "../auth-error.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { MAX_BODY_BYTES } from "../endpoint/read-json.ts";
import { redirect } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { errorRedirect } from "../redirects/error-redirect.ts";
import { isAllowedRedirect } from "../redirects/allowed-redirect.ts";
import { siteUrlOf } from "../redirects/redirect-target.ts";
import { refreshedProvider } from "./refresh-metadata.ts";
import { type RelayState, takeRelayState } from "./relay-state.ts";
import { requireSaml } from "./require-saml.ts";
import { createSaml, serviceProvider } from "./service-provider.ts";
import { signInWithAssertion } from "./sign-in-with-assertion.ts";
import { findSsoProvider, requireEnabled, type SsoProvider } from "./sso-provider.ts";
import { readPostedResponse, type PostedResponse, verifyResponse } from "./verify-response.ts";

/** The assertion consumer service: identity providers have browsers post their responses here. */
export const samlAcs = defineEndpoint({
  id: "auth.sso.saml.acs",
  method: "POST",
  path: "/sso/saml/acs",
  access: "public",
  rateLimit: "tokenRefresh",
  requires: requireSaml,
  handle: async (call) => {
    try {
      return redirect(await consume(call), 303);
    } catch (error) {
      // It is a browser that is here: the application tells its user. What is of the server's is for its log too.
      if (!(error instanceof BackendError) || error.status >= 500) throw error;
      return redirect(errorRedirect(await siteUrlOf(call), error), 303);
    }
  },
});

async function consume(call: AuthCall): Promise<string> {
  const form = new URLSearchParams(await readText(call.request, { maxBytes: MAX_BODY_BYTES }));
  const flow = await flowOf(call, form.get("RelayState") ?? "");
  const encoded = form.get("SAMLResponse");
  if (!encoded) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "SAMLResponse is missing" });
  const response = await readPostedResponse(encoded);
  const { provider, identityProvider } = await refreshedProvider(call, await providerOf(call, flow.request, response));
  const own = await serviceProvider(call);
  const saml = await createSaml(call, own, { identityProvider, nameIdFormat: provider.saml.name_id_format });
  const assertion = await verifyResponse(saml, response, { entityId: provider.saml.entity_id, serviceProvider: own, requestId: flow.request?.request_id });
  return signInWithAssertion(call, { provider, assertion, redirectTo: flow.redirectTo, flowStateId: flow.request?.flow_state_id ?? undefined });
}

interface Flow {
  /** Undefined: the identity provider has begun. */
  readonly request: RelayState | undefined;
  readonly redirectTo: string;
}

/** What we have sent along, or where the identity provider wants the browser to go. @throws BackendError validation_failed, saml_relay_state_not_found, saml_relay_state_expired */
async function flowOf(call: AuthCall, relayState: string): Promise<Flow> {
  const site = await siteUrlOf(call);
  const allowed = (target: string | null): string => (target && isAllowedRedirect(target, site, call.config.uriAllowList) ? target : site);
  if (isUuid(relayState)) {
    const request = await takeRelayState(call, relayState);
    return { request, redirectTo: allowed(request.redirect_to) };
  }
  if (relayState !== "" && !URL.canParse(relayState)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "SAML RelayState is not a valid UUID or URL" });
  return { request: undefined, redirectTo: allowed(relayState) };
}

/** Of the request that is answered; else the one that the response says to be from, which its signature has to show. */
async function providerOf({ db }: AuthCall, request: RelayState | undefined, { issuer }: PostedResponse): Promise<SsoProvider> {
  const provider = await db((transaction) => findSsoProvider(transaction, request === undefined ? { entityId: issuer } : { id: request.sso_provider_id }));
  if (provider === undefined) throw new AuthError(AUTH_ERRORS.samlIdpNotFound);
  requireEnabled(provider);
  return provider;
}
