import { z } from "zod";
import { onlyEmail, profileClaims } from "../../identities/external-profile.ts";
import type { ProviderDefinition } from "../provider-definition.ts";
import { idField, textField } from "./fields.ts";

const userSchema = z.object({ id: idField, display_name: textField, email: textField, images: z.array(z.object({ url: z.string(), height: z.number().nullish(), width: z.number().nullish() })).nullish() });
type Image = NonNullable<z.infer<typeof userSchema>["images"]>[number];

const area = ({ height, width }: Image): number => (height ?? 0) * (width ?? 0);

/** https://developer.spotify.com/documentation/web-api/tutorials/code-flow; whether an address was verified it doesn't say. */
export const spotify: ProviderDefinition = {
  bases: { auth: "https://accounts.spotify.com", api: "https://api.spotify.com/v1" },
  scopes: ["user-read-email"],
  pkce: true,
  endpoints: ({ auth }) => ({ authorization: `${auth}/authorize`, token: `${auth}/api/token`, clientAuthentication: "basic" }),
  readProfile: async ({ get, bases }) => {
    const { id, display_name: name, email, images } = userSchema.parse(await get("/me"));
    const picture = [...(images ?? [])].sort((a, b) => area(b) - area(a))[0]?.url;
    return { emails: onlyEmail(email, false), claims: profileClaims(id, { iss: bases.api, name, full_name: name, picture, avatar_url: picture }) };
  },
};
