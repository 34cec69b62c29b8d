import { z } from "zod";
import { onlyEmail, profileClaims } from "../../identities/external-profile.ts";
import type { ProviderDefinition } from "../provider-definition.ts";
import { idField, textField } from "./fields.ts";

const answerSchema = z.object({ data: z.object({ id: idField, name: textField, username: textField, confirmed_email: textField, profile_image_url: textField, url: textField, created_at: textField }) });

/** X, which was Twitter: https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code */
export const x: ProviderDefinition = {
  bases: { auth: "https://x.com", api: "https://api.x.com" },
  scopes: ["users.email", "tweet.read", "users.read", "offline.access"],
  pkce: true,
  endpoints: ({ auth, api }) => ({ authorization: `${auth}/i/oauth2/authorize`, token: `${api}/2/oauth2/token`, clientAuthentication: "basic" }),
  readProfile: async ({ get, bases }) => {
    const fields = "id,name,username,confirmed_email,profile_image_url,url,created_at";
    const { data: { id, name, username, confirmed_email: email, profile_image_url: picture, url, created_at } } = answerSchema.parse(await get(`/2/users/me?user.fields=${fields}`));
    const profile = username === undefined ? undefined : `https://x.com/${username}`;
    return {
      emails: onlyEmail(email, true),
      claims: profileClaims(id, { iss: bases.api, name, full_name: name, preferred_username: username, user_name: username, picture, avatar_url: picture, profile, website: url, custom_claims: { created_at } }),
    };
  },
};
