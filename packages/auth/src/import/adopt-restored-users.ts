import type { OwnerDatabaseLease, TenantSecrets } from "@plinth/core";
import { sql } from "kysely";
import { TOTP_PURPOSE } from "../mfa/totp.ts";
import type { ImportUsersOptions } from "./import-users.ts";
import { type ImportedUsers, type ImportProblem, NONE_IMPORTED } from "./import-result.ts";
import { isTotpSecret } from "./seal-factors.ts";
import { unknownPassword } from "./write-users.ts";

type Database = OwnerDatabaseLease["db"];

const BATCH_SIZE = 500;
const NOTHING = "00000000-0000-0000-0000-000000000000";

/**
 * Makes rows of GoTrue's that were restored right into the project's own `auth` tables such as this service keeps them:
 * secrets of second factors are sealed, and what GoTrue's own secrets would be needed for (sessions, tokens in mails) is
 * taken away. Idempotent: what is sealed stays as it is.
 */
export async function adoptRestoredUsers({ target, secrets, batchSize = BATCH_SIZE, signal }: Pick<ImportUsersOptions, "target" | "secrets" | "batchSize" | "signal">): Promise<ImportedUsers> {
  const db: Database = target.db;
  const checked = await checkPasswords(db, batchSize, signal);
  const factors = await sealSecrets(db, secrets, batchSize, signal);
  await db.transaction().execute(async (transaction: Database) => {
    for (const statement of LEFT_BEHIND) await sql.raw(statement).execute(transaction);
  });
  return { ...NONE_IMPORTED, read: checked.read, present: checked.read, factors: factors.sealed, problems: [...checked.problems, ...factors.problems] };
}

/** GoTrue's sessions count no uses of a refresh token; its hashes of tokens are hexadecimal. */
const LEFT_BEHIND = [
  "delete from auth.refresh_tokens",
  "delete from auth.sessions where refresh_token_counter is null",
  "delete from auth.one_time_tokens where token_hash ~ '^(pkce_)?[0-9a-f]{56}$'",
  "delete from auth.flow_state where coalesce(nullif(provider_access_token, ''), nullif(provider_refresh_token, ''), 'sealed1.') not like 'sealed1.%'",
  `update auth.users set confirmation_token = '', recovery_token = '', email_change_token_new = '', email_change_token_current = '', phone_change_token = '', reauthentication_token = ''
   where concat(confirmation_token, recovery_token, email_change_token_new, email_change_token_current, phone_change_token, reauthentication_token) <> ''`,
];

interface Checked {
  readonly read: number;
  readonly problems: readonly ImportProblem[];
}

async function checkPasswords(db: Database, batchSize: number, signal: AbortSignal | undefined): Promise<Checked> {
  const problems: ImportProblem[] = [];
  let read = 0;
  for (let after = NOTHING; ; ) {
    signal?.throwIfAborted();
    const { rows } = await sql<{ id: string; email: string | null; passwordHash: string | null }>`select id, email, encrypted_password as "passwordHash" from auth.users where id > ${after} order by id limit ${batchSize}`.execute(db);
    const last = rows.at(-1);
    if (last === undefined) return { read, problems };
    read += rows.length;
    problems.push(...rows.flatMap(unknownPassword));
    after = last.id;
  }
}

async function sealSecrets(db: Database, secrets: TenantSecrets, batchSize: number, signal: AbortSignal | undefined): Promise<{ readonly sealed: number; readonly problems: readonly ImportProblem[] }> {
  const problems: ImportProblem[] = [];
  let sealed = 0;
  for (let after = NOTHING; ; ) {
    signal?.throwIfAborted();
    const { rows } = await sql<{ id: string; userId: string; email: string | null; secret: string }>`
      select f.id, f.user_id as "userId", u.email, f.secret from auth.mfa_factors f join auth.users u on u.id = f.user_id
      where f.id > ${after} and f.factor_type = 'totp' and f.secret is not null and f.secret not like 'sealed1.%' order by f.id limit ${batchSize}`.execute(db);
    const last = rows.at(-1);
    if (last === undefined) return { sealed, problems };
    for (const { id, userId, email, secret } of rows) {
      if (!isTotpSecret(secret)) problems.push({ userId, email, code: "totp_secret_unreadable", message: "The secret of a second factor can't be read: nobody can show this factor" });
      else sealed += await sealOne(db, id, secret, await secrets.seal(secret, TOTP_PURPOSE));
    }
    after = last.id;
  }
}

/** Unless somebody else has just done so. */
async function sealOne(db: Database, id: string, secret: string, sealed: string): Promise<number> {
  const { numAffectedRows } = await sql`update auth.mfa_factors set secret = ${sealed} where id = ${id} and secret = ${secret}`.execute(db);
  return Number(numAffectedRows ?? 0);
}
