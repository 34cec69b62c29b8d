import { z } from "zod";
import { profileClaims } from "../../identities/external-profile.ts";
import { refused } from "../exchange-code.ts";
import type { CodeExchange, Provider, ProviderTokens } from "../provider.ts";
import type { ProviderClient } from "../provider-client.ts";
import type { ProviderBases, ProviderDefinition } from "../provider-definition.ts";
import { textField } from "./fields.ts";

const tokensSchema = z.looseObject({ access_token: z.string().min(1), refresh_token: textField, openid: z.string().min(1) });
const userSchema = z.object({ openid: z.string().min(1), unionid: textField, nickname: textField, headimgurl: textField, sex: z.number().nullish(), language: textField, city: textField, province: textField, country: textField });

/**
 * WeChat (https://developers.weixin.qq.com/doc/oplatform/en/Website_App/WeChat_Login/Wechat_Login.html), which GoTrue has
 * not: OAuth with parameters of its own, everything as GET, and no e-mail addresses. A user is known by the union id, the
 * same in all applications of a developer, where there is one.
 */
export const wechat: ProviderDefinition = {
  bases: { auth: "https://open.weixin.qq.com", api: "https://api.weixin.qq.com" },
  scopes: ["snsapi_login"],
  scopeSeparator: ",",
  emailOptional: true,
  authorizationParams: ({ clientId }) => ({ appid: clientId }),
  fragment: "#wechat_redirect",
  endpoints: ({ auth, api }) => ({ authorization: `${auth}/connect/qrconnect`, token: `${api}/sns/oauth2/access_token`, clientAuthentication: "post" }),
  exchangeCode,
  readProfile: async ({ client, tokens, bases }) => {
    const query = new URLSearchParams({ access_token: tokens.accessToken, openid: String(tokens.all["openid"]), lang: "en" });
    const answer = await client.json(`${bases.api}/sns/userinfo?${query}`);
    const user = userSchema.safeParse(answer);
    if (!user.success) throw refused(answer, 200);
    const { openid, unionid, nickname: name, headimgurl: picture, sex, language, city, province, country } = user.data;
    const custom = { openid, unionid, sex, language, city, province, country };
    return { emails: [], claims: profileClaims(unionid ?? openid, { iss: bases.api, name, full_name: name, nickname: name, picture, avatar_url: picture, custom_claims: custom }) };
  },
};

/** Errors come with status 200 and an `errcode`. */
async function exchangeCode(client: ProviderClient, { clientIds: [appid], secret }: Provider, { code }: CodeExchange, { api }: ProviderBases): Promise<ProviderTokens> {
  const query = new URLSearchParams({ appid, secret: await secret(), code, grant_type: "authorization_code" });
  const answer = await client.json(`${api}/sns/oauth2/access_token?${query}`);
  const tokens = tokensSchema.safeParse(answer);
  if (!tokens.success) throw refused(answer, 200);
  return { accessToken: tokens.data.access_token, refreshToken: tokens.data.refresh_token, idToken: undefined, all: tokens.data };
}
