import { z } from "zod";
import { AuthError } from "../../auth-error.ts";
import { AUTH_ERRORS } from "../../errors.ts";
import { onlyEmail, profileClaims } from "../../identities/external-profile.ts";
import type { ProviderClient } from "../provider-client.ts";
import type { ProviderDefinition } from "../provider-definition.ts";
import { unverifiedIssuer } from "../unverified-claims.ts";
import type { Issuer } from "../verify-id-token.ts";
import { textField } from "./fields.ts";
import { issuerKeys } from "./issuer-endpoints.ts";

const claimsSchema = z.object({ iss: z.string(), sub: z.string(), email: textField, name: textField, preferred_username: textField, xms_edov: z.unknown().optional() });

const COMMON = "https://login.microsoftonline.com/common";
const TENANT = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
/** Of tokens for mobile applications by the first version of the protocol. */
const FIRST_VERSION = new RegExp(`^https://sts\\.windows\\.net/${TENANT}/$`);

/** Of the protocol itself: https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference */
const PROTOCOL_CLAIMS = ["aud", "iss", "iat", "nbf", "exp", "c_hash", "at_hash", "aio", "nonce", "rh", "uti", "jti", "ver", "sub", "name", "preferred_username"];

/** Microsoft. `url` is that of one directory, `https://login.microsoftonline.com/<tenant>`; else all are taken. */
export const azure: ProviderDefinition = {
  bases: { auth: COMMON, api: COMMON },
  scopes: ["openid"],
  pkce: true,
  nonce: true,
  endpoints: ({ auth }) => ({ authorization: `${auth}/oauth2/v2.0/authorize`, token: `${auth}/oauth2/v2.0/token`, clientAuthentication: "post" }),
  idTokens: ({ auth }) => ({
    issuerOf: (client, token) => azureIssuer(client, auth, unverifiedIssuer(token)),
    toProfile: (token) => {
      const { iss, sub, email, name, preferred_username: username, xms_edov: edov } = claimsSchema.parse(token);
      const custom = Object.fromEntries(Object.entries(token).filter(([claim]) => !PROTOCOL_CLAIMS.includes(claim)));
      return { emails: onlyEmail(email, isDomainVerified(edov)), claims: profileClaims(sub, { iss, full_name: name, preferred_username: username, custom_claims: custom }) };
    },
  }),
};

/**
 * Who may have signed: the directory that is configured; or of all of them the one that the token names, by whose own keys
 * it is verified then.
 */
async function azureIssuer(client: ProviderClient, auth: string, issuer: string): Promise<Issuer> {
  const described = await issuerKeys(client, `${auth}/v2.0`, { isTemplate: true });
  if (described.issuer === issuer) return described;
  const template = described.issuer.replaceAll(/[.+?^$()|[\]\\]/g, "\\$&").replace("{tenantid}", TENANT);
  const isOfTemplate = described.issuer.includes("{tenantid}") && new RegExp(`^${template}$`).test(issuer);
  if (isOfTemplate || (auth === COMMON && FIRST_VERSION.test(issuer))) return issuerKeys(client, issuer);
  throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Detected ID token issuer is not an Azure ID token issuer" });
}

/**
 * https://learn.microsoft.com/entra/identity-platform/migrate-off-email-claim-authorization: where the directory says
 * whether the address's domain is its own, it decides; where it doesn't, Microsoft gives no others.
 */
const isDomainVerified = (edov: unknown): boolean => edov === undefined || edov === true || edov === "1" || edov === "true" || edov === 1;
