import { createHash } from "node:crypto";
import { z } from "zod";
import { OAuthError } from "../auth-error.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { checkBody, optionalText } from "../endpoint/read-json.ts";
import { requireNoOAuthClient, requireUser } from "../endpoint/require-user.ts";
import { json } from "../endpoint/respond.ts";
import { linkIdentity } from "../identities/link-identity.ts";
import { requireManualLinking } from "../identities/require-manual-linking.ts";
import type { ExternalUser } from "../identities/sign-in-with-identity.ts";
import { findIdTokenProvider, type IdTokenProvider } from "../providers/find-id-token-provider.ts";
import { openProviderClient } from "../providers/open-provider-client.ts";
import { isSame } from "../providers/read-id-token-profile.ts";
import { verifyIdToken } from "../providers/verify-id-token.ts";
import { enterWith, signInExternal } from "./sign-in-external.ts";
import type { Grant } from "./grant.ts";

const bodySchema = z.object({
  id_token: optionalText, access_token: optionalText, nonce: optionalText, provider: optionalText, client_id: optionalText, issuer: optionalText, link_identity: z.boolean().nullish(),
});
type Body = z.infer<typeof bodySchema>;

/** Signs in with an id_token that an application got from a provider by itself (internal/api/token_oidc.go). */
export const idTokenGrant: Grant = {
  rateLimit: "tokenRefresh",
  handle: async (call, given) => {
    const body = checkBody(given, bodySchema);
    const { provider: name, client_id: clientId, issuer } = body;
    if (body.id_token === undefined) throw new OAuthError("invalid request", "id_token required");
    if (name === undefined && (clientId === undefined || issuer === undefined)) throw new OAuthError("invalid request", "provider or client_id and issuer required");
    const target = body.link_identity === true ? await linkingTarget(call) : undefined;
    const provider = await findIdTokenProvider(call, { provider: name, issuer, clientId });
    const external = await readExternal(call, provider, body.id_token, body);
    if (target === undefined) return json(await signInExternal(call, external, "oauth"));
    return json(await enterWith(call, "oauth", (db) => linkIdentity(call, db, target, external)));
  },
};

async function linkingTarget(call: AuthCall): Promise<string> {
  if (!call.request.headers.has("authorization")) throw new OAuthError("invalid request", "Linking requires a valid user access token in Authorization");
  requireManualLinking(call.config);
  const caller = await requireUser(call);
  requireNoOAuthClient(caller);
  return caller.user.row.id;
}

async function readExternal(call: AuthCall, provider: IdTokenProvider, idToken: string, { access_token: accessToken, nonce, issuer: said }: Body): Promise<ExternalUser> {
  const client = openProviderClient(call, provider);
  const issuer = await provider.idTokens.issuerOf(client, idToken);
  if (said !== undefined && said !== issuer.issuer) throw new OAuthError("invalid request", "Provided issuer does not match ID token issuer");
  const audiences = [...provider.clientIds, ...(provider.idTokens.furtherAudiences ?? [])];
  const token = await verifyIdToken(client, idToken, { issuer, audiences, accessToken });
  if (!provider.skipNonceCheck && !provider.idTokens.withoutNonce) checkNonce(token["nonce"], nonce);
  return { provider: provider.name, profile: provider.idTokens.toProfile(token), emailOptional: provider.emailOptional };
}

/** The token has the nonce's hash: who has but the token does not know the nonce. */
function checkNonce(inToken: unknown, given: string | undefined): void {
  const isThere = typeof inToken === "string" && inToken !== "";
  if (isThere !== (given !== undefined)) throw new OAuthError("invalid request", "Passed nonce and nonce in id_token should either both exist or not.");
  if (given !== undefined && !isSame(inToken, createHash("sha256").update(given).digest("hex"))) throw new OAuthError("invalid nonce", "Nonces mismatch");
}
