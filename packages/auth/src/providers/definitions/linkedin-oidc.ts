import { z } from "zod";
import { onlyEmail, profileClaims } from "../../identities/external-profile.ts";
import type { ProviderDefinition } from "../provider-definition.ts";
import { flagField, joinedName, textField } from "./fields.ts";
import { issuerEndpoints, issuerKeys } from "./issuer-endpoints.ts";

const claimsSchema = z.object({ iss: z.string(), sub: z.string(), email: textField, email_verified: flagField, family_name: textField, given_name: textField, locale: z.unknown().optional(), picture: textField });

/** https://learn.microsoft.com/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2; it keeps no nonce. */
export const linkedinOidc: ProviderDefinition = {
  bases: { auth: "https://www.linkedin.com/oauth", api: "https://api.linkedin.com" },
  scopes: ["openid", "email", "profile"],
  endpoints: async ({ auth }, client) => ({ ...(await issuerEndpoints(client, auth)), clientAuthentication: "post" }),
  idTokens: ({ auth }) => ({
    issuerOf: (client) => issuerKeys(client, auth),
    toProfile: (token) => {
      const { iss, sub, email, email_verified: verified, family_name: family, given_name: given, locale, picture } = claimsSchema.parse(token);
      return { emails: onlyEmail(email, verified), claims: profileClaims(sub, { iss, name: joinedName(given, family), given_name: given, family_name: family, locale: typeof locale === "string" ? locale : undefined, picture }) };
    },
  }),
};
