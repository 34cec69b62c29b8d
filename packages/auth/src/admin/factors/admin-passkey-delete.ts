import { audit } from "../../audit/record-audit-entry.ts";
import { AuthError } from "../../auth-error.ts";
import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { isUuid } from "../../endpoint/require-user.ts";
import { noContent } from "../../endpoint/respond.ts";
import { AUTH_ERRORS } from "../../errors.ts";
import { actorOf } from "../actor-of.ts";
import { loadTarget } from "../load-target.ts";

/** Takes a passkey off a user. */
export const adminPasskeyDelete = defineEndpoint({
  id: "auth.admin.passkeys.delete",
  method: "DELETE",
  path: "/admin/users/:userId/passkeys/:passkeyId",
  access: "admin",
  handle: async (call) => {
    await call.db(async (db) => {
      const { row } = await loadTarget(call, db);
      const { passkeyId } = call.params;
      const deleted = isUuid(passkeyId) ? await db.deleteFrom("auth.webauthn_credentials").where("id", "=", passkeyId).where("user_id", "=", row.id).returning("id").executeTakeFirst() : undefined;
      if (deleted === undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { status: 404, message: "Passkey not found" });
      await audit(call, db, { action: "passkey_deleted", actor: actorOf(call), traits: { user_id: row.id, passkey_id: deleted.id } });
    });
    return noContent();
  },
});
