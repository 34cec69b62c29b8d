import type { Updateable } from "kysely";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { OneTimeTokenType, UsersTable } from "../database/auth-tables.ts";
import { saved } from "../database/database-errors.ts";
import { now } from "../database/now.ts";
import type { AfterCommit } from "../endpoint/after-commit.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import type { LoadedUser, UserRow } from "../users/user.ts";
import { createOneTimeToken, deleteOneTimeTokens, type NewOneTimeToken, type OneTimeToken } from "./one-time-token.ts";

/** Columns that say when something was last sent. */
export type SentAt = "confirmation_sent_at" | "recovery_sent_at" | "email_change_sent_at" | "phone_change_sent_at" | "reauthentication_sent_at";

export interface TokenRequest {
  readonly sentAt: SentAt;
  /** Least seconds since the last one. */
  readonly maxFrequency: number;
  /** What is refused too early. */
  readonly tooEarly: "overEmailSendRateLimit" | "overSmsSendRateLimit";
  readonly tokens: readonly Omit<NewOneTimeToken, "userId">[];
  /** Further columns that change with it. */
  readonly changes?: Updateable<UsersTable>;
}

export interface RequestedTokens {
  /** As it is now. */
  readonly user: LoadedUser;
  readonly tokens: readonly OneTimeToken[];
}

/**
 * Makes tokens of a user whose row is held, and notes that they are sent. Where sending fails after the commit, the user
 * has again what was there before.
 * @throws BackendError over_email_send_rate_limit, over_sms_send_rate_limit
 */
export async function requestTokens(call: AuthCall, db: AuthTransaction, user: LoadedUser, request: TokenRequest): Promise<RequestedTokens> {
  const { sentAt, maxFrequency, tooEarly } = request;
  checkFrequency(user.row[sentAt], maxFrequency, tooEarly);
  const at = now();
  const changes: Updateable<UsersTable> = { ...request.changes, [sentAt]: at };
  const restoration = await remember(db, user, request.tokens.map(({ type }) => type), changes);
  const tokens: OneTimeToken[] = [];
  for (const token of request.tokens) tokens.push(await createOneTimeToken(call, db, { ...token, userId: user.row.id }));
  const row = await saved("Database error updating user", db.updateTable("auth.users").set({ ...changes, updated_at: at }).where("id", "=", user.row.id).returningAll().executeTakeFirstOrThrow());
  call.afterCommit(db, restoration(at, sentAt));
  return { user: { ...user, row }, tokens };
}

/** @returns what puts it back, unless something newer was sent meanwhile */
async function remember(db: AuthTransaction, { row }: LoadedUser, types: readonly OneTimeTokenType[], changes: Updateable<UsersTable>): Promise<(at: Date, sentAt: SentAt) => AfterCommit> {
  const tokens = await db.selectFrom("auth.one_time_tokens").selectAll().where("user_id", "=", row.id).where("token_type", "in", types).execute();
  const before: Updateable<UsersTable> = Object.fromEntries(Object.keys(changes).map((column) => [column, row[column as keyof UserRow]]));
  return (at, sentAt) => ({
    undo: async (undoing) => {
      const restored = await undoing.updateTable("auth.users").set(before).where("id", "=", row.id).where(sentAt, "=", at).returning("id").executeTakeFirst();
      if (restored === undefined) return;
      await deleteOneTimeTokens(undoing, row.id, types);
      if (tokens.length > 0) await undoing.insertInto("auth.one_time_tokens").values(tokens).execute();
    },
  });
}

function checkFrequency(sentAt: Date | null, maxFrequency: number, tooEarly: TokenRequest["tooEarly"]): void {
  const left = sentAt === null ? 0 : sentAt.getTime() + maxFrequency * 1_000 - Date.now();
  if (left > 0) throw tooSoon(left / 1_000, tooEarly);
}

/** @param seconds until it may be asked for again */
export const tooSoon = (seconds: number, error: TokenRequest["tooEarly"]): AuthError => {
  const whole = Math.max(1, Math.ceil(seconds));
  return new AuthError(AUTH_ERRORS[error], { message: `For security purposes, you can only request this after ${whole} seconds.`, headers: { "Retry-After": String(whole) } });
};
