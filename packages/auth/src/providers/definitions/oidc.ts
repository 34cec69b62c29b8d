import { z } from "zod";
import { type ExternalProfile, onlyEmail, profileClaims } from "../../identities/external-profile.ts";
import { textField } from "./fields.ts";

/** Standard claims (OpenID Connect Core, 5.1) that are kept, with GoTrue's further ones. */
const TEXTS = ["iss", "name", "family_name", "given_name", "middle_name", "nickname", "preferred_username", "profile", "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "full_name", "avatar_url", "slug", "user_name"] as const;

const claimsSchema = z.looseObject({ sub: z.union([z.string().min(1), z.number()]).transform(String), email: textField, email_verified: z.unknown().optional(), phone: textField, phone_number: textField, phone_number_verified: z.unknown().optional() });

/** The profile in the claims of any issuer. */
export function toOidcProfile(given: Readonly<Record<string, unknown>>): ExternalProfile {
  const claims = claimsSchema.parse(given);
  const texts = Object.fromEntries(TEXTS.map((name) => [name, typeof claims[name] === "string" ? claims[name] : undefined]));
  return {
    emails: onlyEmail(claims.email, claims.email_verified === true || claims.email_verified === "true"),
    claims: profileClaims(claims.sub, { ...texts, full_name: texts["full_name"] ?? texts["name"], avatar_url: texts["avatar_url"] ?? texts["picture"], phone: claims.phone ?? claims.phone_number, phone_verified: claims.phone_number_verified === true }),
  };
}
