import { sql } from "kysely";
import type { AuthTransaction } from "../database/auth-database.ts";
import { selectUsers, split } from "./find-user.ts";
import type { LoadedUser } from "./user.ts";

export interface ListUsersOptions {
  readonly aud: string;
  /** Part of the e-mail address or the full name, `%` and `_` as in LIKE; "" for all. */
  readonly filter: string;
  /** By the time at which they were made. */
  readonly direction: "asc" | "desc";
  /** From 1 on. */
  readonly page: number;
  readonly perPage: number;
}

export interface ListedUsers {
  readonly users: readonly LoadedUser[];
  /** On all pages. */
  readonly total: number;
}

/** One page of users. Those made at the same time have an order as well, so that none is on two pages. */
export async function listUsers(db: AuthTransaction, { aud, filter, direction, page, perPage }: ListUsersOptions): Promise<ListedUsers> {
  const matching = filter === "" ? sql<boolean>`true` : sql<boolean>`(email like ${`%${filter.toLowerCase()}%`} or raw_user_meta_data ->> 'full_name' ilike ${`%${filter}%`})`;
  const rows = await selectUsers(db).where("aud", "=", aud).where(matching).orderBy("created_at", direction).orderBy("id", direction).limit(perPage).offset((page - 1) * perPage).execute();
  const { total } = await db.selectFrom("auth.users").select((e) => e.fn.countAll<string>().as("total")).where("aud", "=", aud).where(matching).executeTakeFirstOrThrow();
  return { users: rows.map(split), total: Number(total) };
}
