import { isUuid } from "@plinth/core";
import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import { now } from "../database/now.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { noContent } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { requireOAuthServer } from "./require-oauth-server.ts";

/** Takes back what the user lets a client do: its sessions end, and codes that are under way are good for nothing. */
export const revokeGrant = defineEndpoint({
  id: "auth.oauth.grants.revoke",
  method: "DELETE",
  path: "/user/oauth/grants",
  access: "user",
  requires: requireOAuthServer,
  handle: async (call) => {
    const clientId = call.query.get("client_id");
    if (!clientId) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "client_id query parameter is required" });
    if (!isUuid(clientId)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "invalid client_id format" });
    const { row: user } = call.user;
    await call.db(async (db) => {
      const consent = await db.updateTable("auth.oauth_consents").set({ revoked_at: now() }).where("user_id", "=", user.id).where("client_id", "=", clientId).where("revoked_at", "is", null).returning("id").executeTakeFirst();
      if (consent === undefined) throw new AuthError(AUTH_ERRORS.oauthConsentNotFound);
      await db.deleteFrom("auth.oauth_authorizations").where("user_id", "=", user.id).where("client_id", "=", clientId).execute();
      await db.deleteFrom("auth.sessions").where("user_id", "=", user.id).where("oauth_client_id", "=", clientId).execute();
      await audit(call, db, { action: "token_revoked", actor: user, traits: { oauth_client_id: clientId, action: "revoke_oauth_grant" } });
    });
    return noContent();
  },
});
