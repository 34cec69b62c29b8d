import { z } from "zod";
import { onlyEmail, profileClaims } from "../../identities/external-profile.ts";
import type { ProviderDefinition } from "../provider-definition.ts";
import { flagField, idField, textField } from "./fields.ts";
import { issuerKeys } from "./issuer-endpoints.ts";

const userSchema = z.object({
  id: idField,
  kakao_account: z.object({ email: textField, is_email_valid: flagField, is_email_verified: flagField, profile: z.object({ nickname: textField, profile_image_url: textField }).nullish() }).nullish(),
});
const claimsSchema = z.object({ iss: z.string(), sub: z.string(), email: textField, nickname: textField, picture: textField });

/** https://developers.kakao.com/docs/latest/en/kakaologin/rest-api */
export const kakao: ProviderDefinition = {
  bases: { auth: "https://kauth.kakao.com", api: "https://kapi.kakao.com" },
  scopes: ["account_email", "profile_image", "profile_nickname"],
  scopeSeparator: ",",
  endpoints: ({ auth }) => ({ authorization: `${auth}/oauth/authorize`, token: `${auth}/oauth/token`, clientAuthentication: "post" }),
  readProfile: async ({ get, bases }) => {
    const { id, kakao_account: account } = userSchema.parse(await get("/v2/user/me"));
    const { nickname: name, profile_image_url: picture } = account?.profile ?? {};
    return {
      emails: onlyEmail(account?.email, account?.is_email_valid === true && account.is_email_verified),
      claims: profileClaims(id, { iss: bases.api, name, full_name: name, preferred_username: name, user_name: name, avatar_url: picture }),
    };
  },
  idTokens: ({ auth }) => ({
    issuerOf: (client) => issuerKeys(client, auth),
    toProfile: (token) => {
      const { iss, sub, email, nickname: name, picture } = claimsSchema.parse(token);
      return { emails: onlyEmail(email, true), claims: profileClaims(sub, { iss, name, preferred_username: name, picture }) };
    },
  }),
};
