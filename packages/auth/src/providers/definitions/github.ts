import { z } from "zod";
import { profileClaims } from "../../identities/external-profile.ts";
import type { ProviderDefinition } from "../provider-definition.ts";
import { idField, textField } from "./fields.ts";

const userSchema = z.object({ id: idField, login: textField, name: textField, avatar_url: textField });
const emailsSchema = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }));

/** https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps; `url` is that of an Enterprise Server. */
export const github: ProviderDefinition = {
  bases: { auth: "https://github.com", api: "https://api.github.com" },
  scopes: ["user:email"],
  pkce: true,
  endpoints: ({ auth }) => ({ authorization: `${auth}/login/oauth/authorize`, token: `${auth}/login/oauth/access_token`, clientAuthentication: "post" }),
  readProfile: async ({ get, bases }) => {
    // A server of one's own has its API below the same address.
    const prefix = bases.api === bases.auth ? "/api/v3" : "";
    const { id, login, name, avatar_url: avatar } = userSchema.parse(await get(`${prefix}/user`));
    const emails = emailsSchema.parse(await get(`${prefix}/user/emails`)).map(({ email, primary, verified }) => ({ address: email, primary, verified }));
    return { emails, claims: profileClaims(id, { iss: bases.api + prefix, name, full_name: name, preferred_username: login, user_name: login, avatar_url: avatar }) };
  },
};
