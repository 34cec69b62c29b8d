import { defineEndpoint } from "../endpoint/endpoint.ts";
import { requireUser } from "../endpoint/require-user.ts";
import { json } from "../endpoint/respond.ts";
import { requireOAuthServer } from "./require-oauth-server.ts";
import { parseScopes } from "./scopes.ts";
import { userClaims } from "./user-claims.ts";

/**
 * What a client may know of its user (OpenID Connect Core, 5.3). Public, because clients have no key of the project's and
 * the address may have to name it; a user's token has to be shown all the same.
 */
export const userinfo = defineEndpoint({
  id: "auth.oauth.userinfo",
  method: "GET",
  path: "/oauth/userinfo",
  access: "public",
  requires: requireOAuthServer,
  handle: async (call) => {
    const { user, session } = await requireUser(call);
    const scopes = parseScopes(session?.row.scopes ?? "");
    const { row } = user;
    return json({
      sub: row.id,
      ...userClaims(user, scopes),
      // GoTrue's own names, which its clients know.
      ...(scopes.includes("phone") && row.phone ? { phone: row.phone, phone_verified: row.phone_confirmed_at !== null } : {}),
      ...(scopes.includes("profile") ? { user_metadata: row.raw_user_meta_data ?? {} } : {}),
    });
  },
});
