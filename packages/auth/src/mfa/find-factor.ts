import { isUuid } from "@plinth/core";
import type { Selectable } from "kysely";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { FactorsTable } from "../database/auth-tables.ts";
import { AUTH_ERRORS } from "../errors.ts";

/** A factor as its own query reads it: times are dates. */
export type StoredFactor = Readonly<Selectable<FactorsTable>>;

/**
 * The user's factor of this id, held: attempts at one factor come one after the other.
 * @throws BackendError validation_failed for what is no id; mfa_factor_not_found, of others' factors too
 */
export async function findFactor(db: AuthTransaction, userId: string, factorId: string): Promise<StoredFactor> {
  if (!isUuid(factorId)) throw new AuthError(AUTH_ERRORS.validationFailed, { status: 404, message: "factor_id must be an UUID" });
  const factor = await db.selectFrom("auth.mfa_factors").selectAll().where("id", "=", factorId).where("user_id", "=", userId).forUpdate().executeTakeFirst();
  if (factor === undefined) throw new AuthError(AUTH_ERRORS.mfaFactorNotFound);
  return factor;
}

export const isVerified = ({ status }: Pick<StoredFactor, "status">): boolean => status === "verified";
