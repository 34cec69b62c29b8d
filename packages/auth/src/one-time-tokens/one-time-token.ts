import { randomInt, randomUUID } from "node:crypto";
import type { Selectable } from "kysely";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { OneTimeTokensTable, OneTimeTokenType } from "../database/auth-tables.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";

/**
 * What proves that somebody reads the mails or messages of an address. The code is typed in; the hash, which is made of
 * address and code under the project's key, stands in links. The table keeps a hash of that hash: whoever reads it can
 * use neither.
 */
export interface OneTimeToken {
  /** Digits. */
  readonly code: string;
  /** `token_hash` of GoTrue's API: 43 characters of base64url, after `pkce_` where the link is to lead on with a code. */
  readonly hash: string;
}

/** Marks links of the PKCE flow. It is part of what is hashed: nobody makes another kind of link of one. */
export const PKCE_PREFIX = "pkce_";

export type OneTimeTokenRow = Readonly<Selectable<OneTimeTokensTable>>;

/** @param length 6 to 10 digits */
export const randomCode = (length: number): string => Array.from({ length }, () => randomInt(10)).join("");

const digestOf = ({ tenant }: Pick<AuthCall, "tenant">, address: string, code: string): Promise<string> => tenant.secrets.digest(JSON.stringify([address, code]), "auth.one-time-token");
const storedOf = ({ tenant }: Pick<AuthCall, "tenant">, hash: string): Promise<string> => tenant.secrets.digest(hash, "auth.one-time-token.stored");

export interface NewOneTimeToken {
  readonly userId: string;
  readonly type: OneTimeTokenType;
  /** That it is sent to: an e-mail address, or a phone number. */
  readonly address: string;
  /** Digits; where they are given, the code is this one. */
  readonly code?: string | undefined;
  /** Default: 6. */
  readonly length?: number;
  /** Whether the request came with a code challenge. */
  readonly pkce?: boolean;
}

/** Makes a token, in place of the one of the same type that the user had. */
export async function createOneTimeToken(call: AuthCall, db: AuthTransaction, { userId, type, address, length = 6, code = randomCode(length), pkce = false }: NewOneTimeToken): Promise<OneTimeToken> {
  const hash = (pkce ? PKCE_PREFIX : "") + (await digestOf(call, address, code));
  const stored = await storedOf(call, hash);
  const at = utc(new Date());
  await db
    .insertInto("auth.one_time_tokens")
    .values({ id: randomUUID(), user_id: userId, token_type: type, token_hash: stored, relates_to: address, created_at: at, updated_at: at })
    .onConflict((conflict) => conflict.columns(["user_id", "token_type"]).doUpdateSet({ token_hash: stored, relates_to: address, created_at: at, updated_at: at }))
    .execute();
  return { code, hash };
}

/** By what was in the link, or by address and code. */
export type OneTimeTokenKey = { readonly hash: string } | { readonly address: string; readonly code: string };

/**
 * The row isn't held: whoever redeems it holds the user's (`findUser` with `forUpdate`) and then looks again.
 * @returns undefined where there is none of these types; whether it has expired is for the caller: see `ageOf`
 */
export async function findOneTimeToken(call: AuthCall, db: AuthTransaction, types: readonly OneTimeTokenType[], key: OneTimeTokenKey): Promise<OneTimeTokenRow | undefined> {
  const digest = "hash" in key ? key.hash : await digestOf(call, key.address, key.code);
  const hashes = "hash" in key ? [digest] : [digest, PKCE_PREFIX + digest];
  const stored = await Promise.all(hashes.map((hash) => storedOf(call, hash)));
  return db.selectFrom("auth.one_time_tokens").selectAll().where("token_hash", "in", stored).where("token_type", "in", types).executeTakeFirst();
}

export async function deleteOneTimeTokens(db: AuthTransaction, userId: string, types?: readonly OneTimeTokenType[]): Promise<void> {
  const deletion = db.deleteFrom("auth.one_time_tokens").where("user_id", "=", userId);
  await (types === undefined ? deletion : deletion.where("token_type", "in", types)).execute();
}

/** Seconds since it was made. */
export const ageOf = ({ created_at }: Pick<OneTimeTokenRow, "created_at">): number => (Date.now() - fromUtc(created_at).getTime()) / 1_000;

/** The columns have no time zone and are UTC; pg takes such times for the process's own. */
const utc = (at: Date): Date => new Date(at.getTime() + at.getTimezoneOffset() * 60_000);
const fromUtc = (at: Date): Date => new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
