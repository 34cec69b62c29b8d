import { z } from "zod";
import { onlyEmail, profileClaims } from "../../identities/external-profile.ts";
import type { ProviderDefinition } from "../provider-definition.ts";
import { flagField, idField, textField } from "./fields.ts";

const userSchema = z.object({ id: idField, username: textField, discriminator: textField, global_name: textField, avatar: textField, email: textField, verified: flagField });
const CDN = "https://cdn.discordapp.com";

/** https://discord.com/developers/docs/topics/oauth2 */
export const discord: ProviderDefinition = {
  bases: { auth: "https://discord.com", api: "https://discord.com" },
  scopes: ["email", "identify"],
  endpoints: ({ auth }) => ({ authorization: `${auth}/api/oauth2/authorize`, token: `${auth}/api/oauth2/token`, clientAuthentication: "post" }),
  readProfile: async ({ get, bases }) => {
    const { id, username, discriminator = "0", global_name: globalName, avatar, email, verified } = userSchema.parse(await get("/api/users/@me"));
    // https://discord.com/developers/docs/reference#image-formatting: moving pictures begin with "a_".
    const picture = avatar === undefined ? `${CDN}/embed/avatars/${Number(discriminator) % 5 || 0}.png` : `${CDN}/avatars/${id}/${avatar}.${avatar.startsWith("a_") ? "gif" : "png"}`;
    return {
      emails: onlyEmail(email, verified),
      claims: profileClaims(id, { iss: `${bases.api}/api`, name: `${username ?? ""}#${discriminator}`, full_name: username, picture, avatar_url: picture, custom_claims: { global_name: globalName } }),
    };
  },
};
