import { z } from "zod";
import { audit } from "../../audit/record-audit-entry.ts";
import { AuthError } from "../../auth-error.ts";
import { isUniqueViolation } from "../../database/database-errors.ts";
import { now } from "../../database/now.ts";
import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { optionalText } from "../../endpoint/read-json.ts";
import { json } from "../../endpoint/respond.ts";
import { AUTH_ERRORS } from "../../errors.ts";
import { findFactor } from "../../mfa/find-factor.ts";
import { normalizePhone } from "../../users/normalize-address.ts";
import { toFactor } from "../../users/user.ts";
import { actorOf } from "../actor-of.ts";
import { loadTarget } from "../load-target.ts";

/** Renames a factor; of one by phone, changes the number. */
export const adminFactorUpdate = defineEndpoint({
  id: "auth.admin.factors.update",
  method: "PUT",
  path: "/admin/users/:userId/factors/:factorId",
  access: "admin",
  body: z.object({ friendly_name: optionalText, phone: optionalText }),
  handle: async (call, { friendly_name: name, phone }) => {
    const factor = await call.db(async (db) => {
      const { row } = await loadTarget(call, db);
      const found = await findFactor(db, row.id, call.params["factorId"]!);
      const change = { ...(name === undefined ? {} : { friendly_name: name }), ...(phone === undefined || found.factor_type !== "phone" ? {} : { phone: normalizePhone(phone) }), updated_at: now() };
      const changed = await db.updateTable("auth.mfa_factors").set(change).where("id", "=", found.id).returningAll().executeTakeFirstOrThrow().catch(renameConflict);
      await audit(call, db, { action: "factor_updated", actor: actorOf(call), traits: { user_id: row.id, factor_id: found.id, factor_type: found.factor_type } });
      return changed;
    });
    return json(toFactor(factor));
  },
});

function renameConflict(error: unknown): never {
  if (isUniqueViolation(error, "mfa_factors_user_friendly_name_unique")) throw new AuthError(AUTH_ERRORS.mfaFactorNameConflict, { cause: error });
  if (isUniqueViolation(error, "unique_phone_factor_per_user")) throw new AuthError(AUTH_ERRORS.mfaVerifiedFactorExists, { message: "The user has a factor with this phone number already", cause: error });
  throw error;
}
