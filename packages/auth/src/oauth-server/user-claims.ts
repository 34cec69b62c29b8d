import type { LoadedUser, Metadata } from "../users/user.ts";

/** What a client may know of a user, by the scopes that were granted (OpenID Connect Core, 5.1 and 5.4). */
export function userClaims({ row }: LoadedUser, scopes: readonly string[]): Readonly<Record<string, unknown>> {
  const metadata: Metadata = row.raw_user_meta_data ?? {};
  return defined({
    ...(scopes.includes("email") && row.email ? { email: row.email, email_verified: row.email_confirmed_at !== null } : {}),
    ...(scopes.includes("phone") && row.phone ? { phone_number: row.phone, phone_number_verified: row.phone_confirmed_at !== null } : {}),
    ...(scopes.includes("profile")
      ? {
          name: firstText(metadata, ["full_name", "name"]) ?? (row.email || undefined),
          picture: firstText(metadata, ["picture", "avatar_url"]),
          preferred_username: firstText(metadata, ["preferred_username", "user_name", "username"]),
          updated_at: row.updated_at === null ? undefined : Math.floor(row.updated_at.getTime() / 1_000),
        }
      : {}),
  });
}

function firstText(metadata: Metadata, names: readonly string[]): string | undefined {
  return names.map((name) => metadata[name]).find((value): value is string => typeof value === "string" && value !== "");
}

const defined = (claims: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
