import { z } from "zod";
import { onlyEmail, profileClaims } from "../../identities/external-profile.ts";
import type { ProviderDefinition } from "../provider-definition.ts";
import { flagField, idField, joinedName, textField } from "./fields.ts";

const userSchema = z.object({ id: idField, first_name: textField, last_name: textField, email: textField, verified: flagField, login_type: z.union([z.string(), z.number()]).nullish().transform(String), pic_url: textField });
/** A sign-in with a password of Zoom's own, whose address nobody else has verified. */
const BY_EMAIL = "100";

/** https://developers.zoom.us/docs/integrations/oauth */
export const zoom: ProviderDefinition = {
  bases: { auth: "https://zoom.us", api: "https://api.zoom.us" },
  scopes: [],
  pkce: true,
  endpoints: ({ auth }) => ({ authorization: `${auth}/oauth/authorize`, token: `${auth}/oauth/token`, clientAuthentication: "basic" }),
  readProfile: async ({ get, bases }) => {
    const { id, first_name: first, last_name: last, email, verified, login_type: type, pic_url: picture } = userSchema.parse(await get("/v2/users/me"));
    const name = joinedName(first, last);
    return { emails: onlyEmail(email, type !== BY_EMAIL || verified), claims: profileClaims(id, { iss: `${bases.api}/v2`, name, full_name: name, picture, avatar_url: picture }) };
  },
};
