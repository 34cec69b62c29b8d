import { timestamp } from "../../database/now.ts";
import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { json } from "../../endpoint/respond.ts";
import { loadTarget } from "../load-target.ts";

/** A user's passkeys: their names and times alone. */
export const adminPasskeys = defineEndpoint({
  id: "auth.admin.passkeys.list",
  method: "GET",
  path: "/admin/users/:userId/passkeys",
  access: "admin",
  handle: async (call) => {
    const rows = await call.db(async (db) => {
      const { row } = await loadTarget(call, db);
      return db.selectFrom("auth.webauthn_credentials").select(["id", "friendly_name", "created_at", "last_used_at"]).where("user_id", "=", row.id).orderBy("created_at").orderBy("id").execute();
    });
    return json(rows.map((row) => ({ id: row.id, friendly_name: row.friendly_name || undefined, created_at: timestamp(row.created_at), last_used_at: timestamp(row.last_used_at) })));
  },
});
