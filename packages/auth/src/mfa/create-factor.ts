import { randomUUID } from "node:crypto";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { FactorType } from "../database/auth-tables.ts";
import { now } from "../database/now.ts";
import type { StoredFactor } from "./find-factor.ts";

export interface NewFactor {
  readonly friendlyName: string;
  readonly type: FactorType;
  /** Of TOTP: sealed. */
  readonly secret?: string;
  /** Digits alone. */
  readonly phone?: string;
}

/** Makes the row of a factor, not verified yet. */
export async function createFactor(db: AuthTransaction, userId: string, { friendlyName, type, secret, phone }: NewFactor): Promise<StoredFactor> {
  const at = now();
  return db
    .insertInto("auth.mfa_factors")
    .values({ id: randomUUID(), user_id: userId, friendly_name: friendlyName, factor_type: type, status: "unverified", secret: secret ?? null, phone: phone ?? null, created_at: at, updated_at: at })
    .returningAll()
    .executeTakeFirstOrThrow();
}
