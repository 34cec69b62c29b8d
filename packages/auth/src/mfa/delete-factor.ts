import { sql } from "kysely";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { StoredFactor } from "./find-factor.ts";
import { METHODS } from "./raise-session.ts";

/**
 * Takes a factor away. Sessions that it raised go down to aal1, unless they have shown another one that the user still
 * has: in them that one has to be shown, or none is left to show.
 */
export async function deleteFactor(db: AuthTransaction, { id, user_id: userId, factor_type: type }: Pick<StoredFactor, "id" | "user_id" | "factor_type">): Promise<void> {
  await db.deleteFrom("auth.mfa_factors").where("id", "=", id).execute();
  const others = await db.selectFrom("auth.mfa_factors").select("id").where("user_id", "=", userId).where("factor_type", "=", type).where("status", "=", "verified").execute();
  const ofUser = db.selectFrom("auth.sessions").select("id").where("user_id", "=", userId);
  const raised = others.length > 0 ? ofUser.where("factor_id", "=", id) : ofUser;
  await db.deleteFrom("auth.mfa_amr_claims").where("session_id", "in", raised).where("authentication_method", "=", METHODS[type]).execute();
  await db.updateTable("auth.sessions").set({ factor_id: null }).where("user_id", "=", userId).where("factor_id", "=", id).execute();
  await db
    .updateTable("auth.sessions")
    .set({ aal: "aal1" })
    .where("user_id", "=", userId)
    .where("aal", "<>", "aal1")
    .where((e) => e.not(e.exists(e.selectFrom("auth.mfa_amr_claims").select(sql`1`.as("one")).whereRef("session_id", "=", "auth.sessions.id").where("authentication_method", "in", Object.values(METHODS)))))
    .execute();
}
