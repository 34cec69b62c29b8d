import { audit } from "../../audit/record-audit-entry.ts";
import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { json } from "../../endpoint/respond.ts";
import { deleteFactor } from "../../mfa/delete-factor.ts";
import { findFactor } from "../../mfa/find-factor.ts";
import { toFactor } from "../../users/user.ts";
import { actorOf } from "../actor-of.ts";
import { loadTarget } from "../load-target.ts";

/** Takes a factor off a user who has lost it. Sessions that it raised go down to aal1. */
export const adminFactorDelete = defineEndpoint({
  id: "auth.admin.factors.delete",
  method: "DELETE",
  path: "/admin/users/:userId/factors/:factorId",
  access: "admin",
  handle: async (call) => {
    const factor = await call.db(async (db) => {
      const { row } = await loadTarget(call, db);
      const found = await findFactor(db, row.id, call.params["factorId"]!);
      await audit(call, db, { action: "factor_deleted", actor: actorOf(call), traits: { user_id: row.id, factor_id: found.id } });
      await deleteFactor(db, found);
      return found;
    });
    return json(toFactor(factor));
  },
});
