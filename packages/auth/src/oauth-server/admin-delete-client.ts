import { now } from "../database/now.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { noContent } from "../endpoint/respond.ts";
import { namedOAuthClient } from "./oauth-client.ts";
import { requireOAuthServer } from "./require-oauth-server.ts";

/** The row stays, so that sessions and logs can still be told whose they were; what users have let the client do ends. */
export const adminDeleteClient = defineEndpoint({
  id: "auth.admin.oauth-client.delete",
  method: "DELETE",
  path: "/admin/oauth/clients/:clientId",
  access: "admin",
  requires: requireOAuthServer,
  handle: async (call) => {
    await call.db(async (db) => {
      const { row } = await namedOAuthClient(call, db);
      const at = now();
      await db.updateTable("auth.oauth_clients").set({ deleted_at: at, updated_at: at }).where("id", "=", row.id).execute();
      await db.deleteFrom("auth.oauth_authorizations").where("client_id", "=", row.id).execute();
      await db.deleteFrom("auth.oauth_consents").where("client_id", "=", row.id).execute();
      await db.deleteFrom("auth.sessions").where("oauth_client_id", "=", row.id).execute();
    });
    return noContent();
  },
});
