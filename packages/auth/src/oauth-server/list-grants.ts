import { timestamp } from "../database/now.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { clientDetails, toOAuthClient } from "./oauth-client.ts";
import { requireOAuthServer } from "./require-oauth-server.ts";
import { parseScopes } from "./scopes.ts";

/** What the user lets which clients do. */
export const listGrants = defineEndpoint({
  id: "auth.oauth.grants.list",
  method: "GET",
  path: "/user/oauth/grants",
  access: "user",
  requires: requireOAuthServer,
  handle: async (call) => {
    const rows = await call.db((db) =>
      db
        .selectFrom("auth.oauth_consents as consent")
        .innerJoin("auth.oauth_clients as client", "client.id", "consent.client_id")
        .selectAll("client")
        .select(["consent.scopes", "consent.granted_at"])
        .where("consent.user_id", "=", call.user.row.id)
        .where("consent.revoked_at", "is", null)
        .where("client.deleted_at", "is", null)
        .orderBy("consent.granted_at", "desc")
        .execute(),
    );
    return json(rows.map((row) => ({ client: clientDetails(toOAuthClient(row)), scopes: parseScopes(row.scopes), granted_at: timestamp(row.granted_at) })));
  },
});
