import { z } from "zod";
import { onlyEmail, profileClaims } from "../../identities/external-profile.ts";
import type { ProviderDefinition } from "../provider-definition.ts";
import { flagField, textField } from "./fields.ts";
import { issuerKeys } from "./issuer-endpoints.ts";
import { toOidcProfile } from "./oidc.ts";

const userSchema = z.looseObject({ sub: z.string().min(1), name: textField, email: textField, email_verified: flagField });

/** A realm of one's own, which `url` names: https://www.keycloak.org/securing-apps/oidc-layers */
export const keycloak: ProviderDefinition = {
  bases: { auth: "", api: "" },
  scopes: ["profile", "email"],
  pkce: true,
  endpoints: ({ auth }) => ({ authorization: `${auth}/protocol/openid-connect/auth`, token: `${auth}/protocol/openid-connect/token`, clientAuthentication: "basic" }),
  readProfile: async ({ get, bases }) => {
    const { sub, name, email, email_verified: verified, ...custom } = userSchema.parse(await get("/protocol/openid-connect/userinfo"));
    return { emails: onlyEmail(email, verified), claims: profileClaims(sub, { iss: bases.auth, name, full_name: name, custom_claims: custom }) };
  },
  idTokens: ({ auth }) => ({ issuerOf: (client) => issuerKeys(client, auth), toProfile: toOidcProfile }),
};
