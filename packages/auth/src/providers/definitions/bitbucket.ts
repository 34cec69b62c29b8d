import { z } from "zod";
import { profileClaims } from "../../identities/external-profile.ts";
import type { ProviderDefinition } from "../provider-definition.ts";
import { idField, textField } from "./fields.ts";

const userSchema = z.object({ uuid: idField, display_name: textField, avatar: z.object({ href: textField }).nullish(), links: z.object({ avatar: z.object({ href: textField }).nullish() }).nullish() });
const emailsSchema = z.object({ values: z.array(z.object({ email: z.string(), is_primary: z.boolean(), is_confirmed: z.boolean() })) });

/** https://developer.atlassian.com/cloud/bitbucket/oauth-2 */
export const bitbucket: ProviderDefinition = {
  bases: { auth: "https://bitbucket.org", api: "https://api.bitbucket.org" },
  scopes: ["account", "email"],
  endpoints: ({ auth }) => ({ authorization: `${auth}/site/oauth2/authorize`, token: `${auth}/site/oauth2/access_token`, clientAuthentication: "basic" }),
  readProfile: async ({ get, bases }) => {
    const { uuid, display_name: name, avatar, links } = userSchema.parse(await get("/2.0/user"));
    const emails = emailsSchema.parse(await get("/2.0/user/emails")).values.map(({ email, is_primary: primary, is_confirmed: verified }) => ({ address: email, primary, verified }));
    const picture = avatar?.href ?? links?.avatar?.href;
    return { emails, claims: profileClaims(uuid, { iss: `${bases.api}/2.0`, name, full_name: name, picture, avatar_url: picture }) };
  },
};
