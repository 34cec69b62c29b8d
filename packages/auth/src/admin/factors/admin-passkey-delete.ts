import { audit } from "../../audit/record-audit-entry.ts";
import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { noContent } from "../../endpoint/respond.ts";
import { deletePasskeyOf } from "../../passkeys/passkey.ts";
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
      const { id } = await deletePasskeyOf(db, row.id, call.params["passkeyId"]!);
      await audit(call, db, { action: "passkey_deleted", actor: actorOf(call), traits: { user_id: row.id, passkey_id: id } });
    });
    return noContent();
  },
});
