import { z } from "zod";
import { onlyEmail, profileClaims } from "../../identities/external-profile.ts";
import type { ProviderDefinition } from "../provider-definition.ts";
import { idField, textField } from "./fields.ts";

const userSchema = z.object({ id: idField, email: textField, handle: textField, img_url: textField });

/** https://developers.figma.com/docs/rest-api/authentication */
export const figma: ProviderDefinition = {
  bases: { auth: "https://www.figma.com", api: "https://api.figma.com" },
  scopes: ["current_user:read"],
  pkce: true,
  endpoints: ({ auth, api }) => ({ authorization: `${auth}/oauth`, token: `${api}/v1/oauth/token`, clientAuthentication: "basic" }),
  readProfile: async ({ get, bases }) => {
    const { id, email, handle: name, img_url: picture } = userSchema.parse(await get("/v1/me"));
    return { emails: onlyEmail(email, true), claims: profileClaims(id, { iss: bases.api, name, full_name: name, avatar_url: picture }) };
  },
};
