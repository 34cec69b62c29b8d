import { z } from "zod";
import { onlyEmail, profileClaims } from "../../identities/external-profile.ts";
import type { ProviderDefinition } from "../provider-definition.ts";
import { flagField, idField, textField } from "./fields.ts";

const userSchema = z.object({ "https://slack.com/user_id": idField, "https://slack.com/team_id": textField, email: textField, email_verified: flagField, name: textField, picture: textField });

/** https://docs.slack.dev/authentication/sign-in-with-slack */
export const slackOidc: ProviderDefinition = {
  bases: { auth: "https://slack.com", api: "https://slack.com" },
  scopes: ["profile", "email", "openid"],
  endpoints: ({ auth, api }) => ({ authorization: `${auth}/openid/connect/authorize`, token: `${api}/api/openid.connect.token`, clientAuthentication: "post" }),
  readProfile: async ({ get, bases }) => {
    const { "https://slack.com/user_id": id, "https://slack.com/team_id": team, email, email_verified: verified, name, picture } = userSchema.parse(await get("/api/openid.connect.userInfo"));
    return { emails: onlyEmail(email, verified), claims: profileClaims(id, { iss: `${bases.api}/api`, name, full_name: name, picture, avatar_url: picture, custom_claims: { "https://slack.com/team_id": team } }) };
  },
};
