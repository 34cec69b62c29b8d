import { z } from "zod";
import { audit } from "../../audit/record-audit-entry.ts";
import { saved } from "../../database/database-errors.ts";
import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { json } from "../../endpoint/respond.ts";
import { actorOf } from "../actor-of.ts";
import { loadTarget } from "../load-target.ts";
import { softDelete } from "./soft-delete.ts";

/** Deletes a user, or (`should_soft_delete`) only everything that says who it was. */
export const adminUserDelete = defineEndpoint({
  id: "auth.admin.users.delete",
  method: "DELETE",
  path: "/admin/users/:userId",
  access: "admin",
  body: z.object({ should_soft_delete: z.boolean().nullish() }),
  handle: async (call, { should_soft_delete: softly }) => {
    await call.db(async (db) => {
      const user = await loadTarget(call, db, { forUpdate: true });
      const { row } = user;
      await audit(call, db, { action: "user_deleted", actor: actorOf(call), traits: { user_id: row.id, user_email: row.email, user_phone: row.phone } });
      // Nothing refers to the user from there: they would stay, with what a provider has given for it.
      await db.deleteFrom("auth.flow_state").where("user_id", "=", row.id).execute();
      if (!softly) await saved("Database error deleting user", db.deleteFrom("auth.users").where("id", "=", row.id).execute());
      else if (row.deleted_at === null) await softDelete(call, db, user);
    });
    return json({});
  },
});
