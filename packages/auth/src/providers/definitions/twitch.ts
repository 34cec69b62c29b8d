import { z } from "zod";
import { onlyEmail, profileClaims } from "../../identities/external-profile.ts";
import type { ProviderDefinition } from "../provider-definition.ts";
import { idField, textField } from "./fields.ts";

const usersSchema = z.object({
  data: z.tuple([z.looseObject({ id: idField, login: textField, display_name: textField, email: textField, profile_image_url: textField, type: textField, broadcaster_type: textField, description: textField, offline_image_url: textField, view_count: z.number().nullish() })]),
});

/** https://dev.twitch.tv/docs/authentication; it gives verified addresses alone. */
export const twitch: ProviderDefinition = {
  bases: { auth: "https://id.twitch.tv", api: "https://api.twitch.tv" },
  scopes: ["user:read:email"],
  endpoints: ({ auth }) => ({ authorization: `${auth}/oauth2/authorize`, token: `${auth}/oauth2/token`, clientAuthentication: "post" }),
  readProfile: async ({ get, bases, clientId }) => {
    const [user] = usersSchema.parse(await get("/helix/users", { "client-id": clientId })).data;
    const { id, login, display_name: nickname, email, profile_image_url: picture, type, broadcaster_type, description, offline_image_url, view_count } = user;
    return {
      emails: onlyEmail(email, true),
      claims: profileClaims(id, { iss: bases.api, name: login, full_name: login, nickname, slug: nickname, picture, avatar_url: picture, custom_claims: { type, broadcaster_type, description, offline_image_url, view_count } }),
    };
  },
};
