import { z } from "zod";
import { onlyEmail, profileClaims } from "../../identities/external-profile.ts";
import type { ProviderDefinition } from "../provider-definition.ts";
import { idField, textField } from "./fields.ts";

const botSchema = z.object({ bot: z.object({ owner: z.object({ user: z.object({ id: idField, name: textField, avatar_url: textField, person: z.object({ email: textField }).nullish() }) }) }) });
const API_VERSION = "2021-08-16";

/** https://developers.notion.com/docs/authorization */
export const notion: ProviderDefinition = {
  bases: { auth: "https://api.notion.com", api: "https://api.notion.com" },
  scopes: [],
  authorizationParams: () => ({ owner: "user" }),
  endpoints: ({ auth }) => ({ authorization: `${auth}/v1/oauth/authorize`, token: `${auth}/v1/oauth/token`, clientAuthentication: "basic" }),
  readProfile: async ({ get, bases }) => {
    const { id, name, avatar_url: picture, person } = botSchema.parse(await get("/v1/users/me", { "notion-version": API_VERSION })).bot.owner.user;
    return { emails: onlyEmail(person?.email, true), claims: profileClaims(id, { iss: bases.api, name, full_name: name, picture, avatar_url: picture }) };
  },
};
