import { randomUUID } from "node:crypto";
import { isUuid } from "@plinth/core";
import { z } from "zod";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { optionalText } from "../endpoint/read-json.ts";
import { json, redirect } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { pkceOf } from "../flow-state/code-challenge.ts";
import { createFlowState } from "../flow-state/flow-state.ts";
import { redirectTargetOf } from "../redirects/redirect-target.ts";
import { refreshedProvider } from "./refresh-metadata.ts";
import { createRelayState } from "./relay-state.ts";
import { requireSaml } from "./require-saml.ts";
import { createSaml, serviceProvider } from "./service-provider.ts";
import { findSsoProvider, requireEnabled, type SsoProvider } from "./sso-provider.ts";

const bodySchema = z.object({ provider_id: optionalText, domain: optionalText, redirect_to: optionalText, skip_http_redirect: z.boolean().nullish(), code_challenge: optionalText, code_challenge_method: optionalText });

/** Where to sign in with an identity provider: that of a domain, or the one of that id. */
export const singleSignOn = defineEndpoint({
  id: "auth.sso",
  method: "POST",
  path: "/sso",
  access: "open",
  rateLimit: "sso",
  captcha: true,
  requires: requireSaml,
  body: bodySchema,
  handle: async (call, body) => {
    const { provider, identityProvider } = await refreshedProvider(call, await call.db((db) => providerOf(db, body)));
    requireEnabled(provider);
    const pkce = pkceOf(body);
    const redirectTo = await redirectTargetOf(call, body.redirect_to ?? null);
    const requestId = `_${randomUUID()}`;
    const saml = await createSaml(call, await serviceProvider(call), { identityProvider, nameIdFormat: provider.saml.name_id_format, requestId });
    if (identityProvider.entryPoint === undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "The identity provider's metadata name no address for requests: it has to begin itself" });
    const relayState = await call.db(async (db) => {
      const flow = pkce === undefined ? undefined : await createFlowState(call, db, { provider: "sso/saml", method: "sso/saml", pkce, referrer: redirectTo });
      return createRelayState(db, { providerId: provider.row.id, requestId, redirectTo, flowStateId: flow?.row.id });
    });
    const url = await saml.getAuthorizeUrlAsync(relayState, undefined, {});
    return body.skip_http_redirect === true ? json({ url }) : redirect(url, 303);
  },
});

/** @throws BackendError validation_failed, sso_provider_not_found */
async function providerOf(db: AuthTransaction, { provider_id: id, domain }: z.output<typeof bodySchema>): Promise<SsoProvider> {
  if (id !== undefined && domain !== undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Only one of provider_id or domain supported" });
  if (id === undefined && domain === undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "A provider_id or domain needs to be provided" });
  if (id !== undefined && !isUuid(id)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "provider_id must be a UUID" });
  const provider = await findSsoProvider(db, id === undefined ? { domain: domain! } : { id });
  if (provider === undefined) throw new AuthError(AUTH_ERRORS.ssoProviderNotFound, { message: id === undefined ? "No SSO provider assigned for this domain" : "No such SSO provider" });
  return provider;
}
