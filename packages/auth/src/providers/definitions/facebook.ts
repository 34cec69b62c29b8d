import { createHmac } from "node:crypto";
import { z } from "zod";
import { onlyEmail, profileClaims } from "../../identities/external-profile.ts";
import type { ProviderDefinition } from "../provider-definition.ts";
import { idField, joinedName, textField } from "./fields.ts";
import { issuerKeys } from "./issuer-endpoints.ts";

const userSchema = z.object({ id: idField, email: textField, first_name: textField, last_name: textField, name: textField, picture: z.object({ data: z.object({ url: textField }) }).nullish() });
const claimsSchema = z.object({ iss: z.string(), sub: z.string(), name: textField, picture: textField, email: textField });

/** https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow; id_tokens are those of Limited Login. */
export const facebook: ProviderDefinition = {
  bases: { auth: "https://www.facebook.com", api: "https://graph.facebook.com" },
  scopes: ["email"],
  scopeSeparator: ",",
  endpoints: ({ auth, api }) => ({ authorization: `${auth}/dialog/oauth`, token: `${api}/oauth/access_token`, clientAuthentication: "post" }),
  readProfile: async ({ get, bases, secret, tokens }) => {
    const proof = createHmac("sha256", secret).update(tokens.accessToken).digest("hex");
    const path = "/me?fields=email,first_name,last_name,name,picture";
    const { id, email, first_name: first, last_name: last, name: alias, picture } = userSchema.parse(await get(`${path}&appsecret_proof=${proof}`));
    const name = joinedName(first, last);
    const image = picture?.data.url;
    return { emails: onlyEmail(email, true), claims: profileClaims(id, { iss: bases.api + path, name, full_name: name, nickname: alias, slug: alias, picture: image, avatar_url: image }) };
  },
  idTokens: ({ auth }) => ({
    withoutNonce: true,
    issuerOf: (client) => issuerKeys(client, auth),
    toProfile: (token) => {
      const { iss, sub, name, picture, email } = claimsSchema.parse(token);
      return { emails: onlyEmail(email, true), claims: profileClaims(sub, { iss, name, picture }) };
    },
  }),
};
