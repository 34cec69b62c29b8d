import { z } from "zod";
import { profileClaims } from "../../identities/external-profile.ts";
import type { ProviderDefinition } from "../provider-definition.ts";
import { idField, textField } from "./fields.ts";

const userSchema = z.object({ id: idField, email: textField, name: textField, avatar_url: textField, confirmed_at: textField });
const emailsSchema = z.array(z.object({ email: z.string() }));

/** https://docs.gitlab.com/api/oauth2; further addresses don't say whether they were confirmed. */
export const gitlab: ProviderDefinition = {
  bases: { auth: "https://gitlab.com", api: "https://gitlab.com" },
  scopes: ["read_user"],
  pkce: true,
  endpoints: ({ auth }) => ({ authorization: `${auth}/oauth/authorize`, token: `${auth}/oauth/token`, clientAuthentication: "post" }),
  readProfile: async ({ get, bases }) => {
    const { id, email, name, avatar_url: avatar, confirmed_at: confirmedAt } = userSchema.parse(await get("/api/v4/user"));
    const further = emailsSchema.parse(await get("/api/v4/user/emails")).map(({ email: address }) => ({ address, verified: false, primary: false }));
    const own = email === undefined ? [] : [{ address: email, verified: confirmedAt !== undefined, primary: true }];
    return { emails: [...further, ...own], claims: profileClaims(id, { iss: bases.api, name, full_name: name, picture: avatar, avatar_url: avatar }) };
  },
};
