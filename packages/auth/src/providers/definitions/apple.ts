import { z } from "zod";
import { AuthError } from "../../auth-error.ts";
import { AUTH_ERRORS } from "../../errors.ts";
import { onlyEmail, profileClaims, type ExternalProfile } from "../../identities/external-profile.ts";
import { appleClientSecret } from "../apple-client-secret.ts";
import type { IdTokenSource } from "../provider.ts";
import type { ProviderDefinition } from "../provider-definition.ts";
import { readIdTokenProfile } from "../read-id-token-profile.ts";
import { unverifiedIssuer } from "../unverified-claims.ts";
import { flagField, joinedName, textField } from "./fields.ts";
import { issuerEndpoints, issuerKeys } from "./issuer-endpoints.ts";

const claimsSchema = z.object({ iss: z.string(), sub: z.string(), email: textField, is_private_email: flagField, auth_time: z.number().optional(), transfer_sub: textField });
const userSchema = z.object({ name: z.object({ firstName: textField, lastName: textField }).nullish() });

const ISSUER = "https://appleid.apple.com";
/** Of some tokens since 2025; its keys are the same. */
const OTHER_ISSUER = "https://account.apple.com";

/** https://developer.apple.com/documentation/signinwithapplerestapi: it posts a form back, with the user's name the first time only. */
export const apple: ProviderDefinition = {
  bases: { auth: ISSUER, api: ISSUER },
  scopes: ["email", "name"],
  nonce: true,
  authorizationParams: () => ({ response_mode: "form_post" }),
  clientSecret: (secret, clientId, { auth }) => appleClientSecret(secret, clientId, auth),
  readProfile: async (request, provider) => withAppleName(await readIdTokenProfile(request, provider), request.callback.get("user")),
  endpoints: async ({ auth }, client) => ({ ...(await issuerEndpoints(client, auth)), clientAuthentication: "post" }),
  idTokens: ({ auth }, _settings, { iosBundleId }) => idTokens(auth, iosBundleId),
};

const idTokens = (auth: string, bundleId: string): IdTokenSource => ({
  furtherAudiences: bundleId === "" ? [] : [bundleId],
  issuerOf: async (client, token) => {
    const known = auth === ISSUER ? [ISSUER, OTHER_ISSUER] : [auth];
    const issuer = unverifiedIssuer(token);
    if (!known.includes(issuer)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Detected ID token issuer is not an Apple ID token issuer" });
    return { ...(await issuerKeys(client, auth)), issuer };
  },
  toProfile: (token) => {
    const { iss, sub, email, is_private_email: isPrivate, auth_time: at, transfer_sub: transferSub } = claimsSchema.parse(token);
    const custom = { ...(token["is_private_email"] === undefined ? {} : { is_private_email: isPrivate }), ...(at === undefined ? {} : { auth_time: at }), ...(transferSub === undefined ? {} : { transfer_sub: transferSub }) };
    return { emails: onlyEmail(email, true), claims: profileClaims(sub, { iss, custom_claims: Object.keys(custom).length > 0 ? custom : undefined }) };
  },
});

/** With the name that the browser brought along: Apple itself vouches for the id_token alone. */
const withAppleName = (profile: ExternalProfile, user: string | null): ExternalProfile => {
  const name = parseName(user);
  return name === "" ? profile : { ...profile, claims: { ...profile.claims, name, full_name: name } };
};

function parseName(user: string | null): string {
  try {
    const { name } = userSchema.parse(JSON.parse(user ?? "{}"));
    return joinedName(name?.firstName, name?.lastName);
  } catch {
    return "";
  }
}
