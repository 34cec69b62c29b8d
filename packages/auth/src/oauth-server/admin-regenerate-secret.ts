import { AuthError } from "../auth-error.ts";
import { now } from "../database/now.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { newClientSecret } from "./create-oauth-client.ts";
import { clientResponse, clientSecretDigest, namedOAuthClient, toOAuthClient } from "./oauth-client.ts";
import { requireOAuthServer } from "./require-oauth-server.ts";

/** The secret that was there holds no longer. */
export const adminRegenerateSecret = defineEndpoint({
  id: "auth.admin.oauth-client.regenerate-secret",
  method: "POST",
  path: "/admin/oauth/clients/:clientId/regenerate_secret",
  access: "admin",
  requires: requireOAuthServer,
  handle: async (call) => {
    const secret = newClientSecret();
    const secretDigest = await clientSecretDigest(call, secret);
    const updated = await call.db(async (db) => {
      const { row } = await namedOAuthClient(call, db);
      if (row.client_type === "public") throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Cannot regenerate secret for public client" });
      return db.updateTable("auth.oauth_clients").set({ client_secret_hash: secretDigest, updated_at: now() }).where("id", "=", row.id).returningAll().executeTakeFirstOrThrow();
    });
    return json(clientResponse(toOAuthClient(updated), secret));
  },
});
