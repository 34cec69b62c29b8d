import type { ExpressionBuilder } from "kysely";
import { jsonArrayFrom } from "kysely/helpers/postgres";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthTables } from "../database/auth-tables.ts";
import type { FactorRow, IdentityRow, LoadedUser, UserRow } from "./user.ts";

/** Which user is meant. */
export type UserKey =
  | { readonly id: string }
  /** In lower case. */
  | { readonly email: string; readonly aud: string }
  /** Digits alone. */
  | { readonly phone: string; readonly aud: string };

export interface FindUserOptions {
  /** Hold the row, so that nobody else changes the user meanwhile. */
  readonly forUpdate?: boolean;
}

const OF_USER = {
  identities: (e: ExpressionBuilder<AuthTables, "auth.users">) => jsonArrayFrom(e.selectFrom("auth.identities").selectAll().whereRef("auth.identities.user_id", "=", "auth.users.id").orderBy("created_at").orderBy("id")).as("identities"),
  factors: (e: ExpressionBuilder<AuthTables, "auth.users">) => jsonArrayFrom(e.selectFrom("auth.mfa_factors").selectAll().whereRef("auth.mfa_factors.user_id", "=", "auth.users.id").orderBy("created_at").orderBy("id")).as("factors"),
};

/** One user with identities and factors, in one query. Users of SSO are found by id alone: two may have one address. */
export async function findUser(db: AuthTransaction, key: UserKey, { forUpdate = false }: FindUserOptions = {}): Promise<LoadedUser | undefined> {
  let query = selectUsers(db);
  if ("id" in key) query = query.where("id", "=", key.id);
  else if ("email" in key) query = query.where("email", "=", key.email).where("aud", "=", key.aud).where("is_sso_user", "=", false);
  else query = query.where("phone", "=", key.phone).where("aud", "=", key.aud).where("is_sso_user", "=", false);
  if (forUpdate) query = query.forNoKeyUpdate();
  const found = await query.executeTakeFirst();
  return found === undefined ? undefined : split(found);
}

/** Users with identities and factors: to be narrowed down, and each row given to `split`. */
export const selectUsers = (db: AuthTransaction) => db.selectFrom("auth.users").selectAll("auth.users").select((e) => [OF_USER.identities(e), OF_USER.factors(e)]);

type WithParts = UserRow & { readonly identities: readonly unknown[]; readonly factors: readonly unknown[] };

/** The row apart from what was selected with it. */
export function split({ identities, factors, ...row }: WithParts): LoadedUser {
  return { row, identities: identities as readonly IdentityRow[], factors: factors as readonly FactorRow[] };
}
