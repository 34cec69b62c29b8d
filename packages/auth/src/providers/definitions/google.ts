import { z } from "zod";
import { onlyEmail, profileClaims } from "../../identities/external-profile.ts";
import type { ProviderDefinition } from "../provider-definition.ts";
import { flagField, textField } from "./fields.ts";
import { issuerEndpoints, issuerKeys } from "./issuer-endpoints.ts";

const claimsSchema = z.object({ iss: z.string(), sub: z.string(), name: textField, picture: textField, email: textField, email_verified: flagField, hd: textField });

/** https://developers.google.com/identity/openid-connect/openid-connect */
export const google: ProviderDefinition = {
  bases: { auth: "https://accounts.google.com", api: "https://www.googleapis.com" },
  scopes: ["openid", "email", "profile"],
  pkce: true,
  nonce: true,
  endpoints: ({ auth }, client) => issuerEndpoints(client, auth),
  idTokens: ({ auth }) => ({
    issuerOf: (client) => issuerKeys(client, auth),
    toProfile: (token) => {
      const { iss, sub, name, picture, email, email_verified: verified, hd } = claimsSchema.parse(token);
      return { emails: onlyEmail(email, verified), claims: profileClaims(sub, { iss, name, full_name: name, picture, avatar_url: picture, custom_claims: hd === undefined ? undefined : { hd } }) };
    },
  }),
};
