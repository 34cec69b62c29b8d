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

/** One user with identities and factors. Users of SSO are found by id alone: two may have one address. */
export async function findUser(db: AuthTransaction, key: UserKey, { forUpdate = false }: FindUserOptions = {}): Promise<LoadedUser | undefined> {
  const held = forUpdate ? await holdUser(db, key) : key;
  const found = held && (await selectUsers(db).where((e) => isMeant(e, held)).executeTakeFirst());
  return found && split(found);
}

/**
 * Waits for the row. Who has waited has what became of the row itself, but all else as it was when the statement began:
 * identities and factors are for another one to read.
 */
const holdUser = (db: AuthTransaction, key: UserKey): Promise<{ readonly id: string } | undefined> =>
  db.selectFrom("auth.users").select("id").where((e) => isMeant(e, key)).forNoKeyUpdate().executeTakeFirst();

function isMeant(e: ExpressionBuilder<AuthTables, "auth.users">, key: UserKey) {
  if ("id" in key) return e("id", "=", key.id);
  const address = "email" in key ? e("email", "=", key.email) : e("phone", "=", key.phone);
  return e.and([address, e("aud", "=", key.aud), e("is_sso_user", "=", false)]);
}

/** Users with identities and factors: to be narrowed down, and each row given to `split`. */
export const selectUsers = (db: AuthTransaction) => db.selectFrom("auth.users").selectAll("auth.users").select((e) => [OF_USER.identities(e), OF_USER.factors(e)]);

type WithParts = UserRow & { readonly identities: readonly unknown[]; readonly factors: readonly unknown[] };

/** The row apart from what was selected with it. */
export function split({ identities, factors, ...row }: WithParts): LoadedUser {
  return { row, identities: identities as readonly IdentityRow[], factors: factors as readonly FactorRow[] };
}
