import type { OwnerDatabaseLease } from "@plinth/core";
import { CompiledQuery } from "kysely";
import { AuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";

/** Where GoTrue's tables are read: any database, by any client. */
export interface UserSource {
  /** The tables' schema: "auth", unless they were restored beside a project's own. */
  readonly schema: string;
  query(sql: string, parameters: readonly unknown[]): Promise<ReadonlyArray<Readonly<Record<string, unknown>>>>;
}

/** Tables that were restored from a dump into a schema of the project's own database. */
export const restoredUsers = ({ db }: Pick<OwnerDatabaseLease, "db">, schema: string): UserSource => ({
  schema,
  query: async (text, parameters) => (await db.executeQuery<Readonly<Record<string, unknown>>>(CompiledQuery.raw(text, [...parameters]))).rows,
});

/** A user as it is read. Rows are JSON texts as PostgreSQL writes them, so that no number or time loses anything. */
export interface SourceUser {
  readonly id: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly passwordHash: string | null;
  readonly row: string;
  readonly identities: readonly string[];
  readonly factors: readonly SourceFactor[];
  readonly passkeys: readonly string[];
}

/** A verified one; others are of no use. */
export interface SourceFactor {
  readonly id: string;
  readonly type: string;
  readonly secret: string | null;
  readonly row: string;
}

const NOTHING = "00000000-0000-0000-0000-000000000000";

/**
 * The users in the order of their ids, a batch at a time. Columns that a version of GoTrue doesn't have are missing from
 * the rows; nothing depends on which there are.
 * @throws AuthError validation_failed where there are no such tables
 */
export async function* readUsers(source: UserSource, batchSize: number): AsyncGenerator<readonly SourceUser[]> {
  const sql = await batchQuery(source);
  for (let after = NOTHING; ; ) {
    const batch = (await source.query(sql, [after, batchSize])) as unknown as readonly SourceUser[];
    const last = batch.at(-1);
    if (last === undefined) return;
    yield batch;
    after = last.id;
  }
}

async function batchQuery(source: UserSource): Promise<string> {
  const has = async (table: string): Promise<boolean> => (await source.query("select to_regclass($1) is not null as found", [nameOf(source, table)]))[0]?.["found"] === true;
  if (!(await has("users"))) throw new AuthError(AUTH_ERRORS.validationFailed, { message: `There is no table ${nameOf(source, "users")} to import users from` });
  // Joined as a whole: a dump may have been restored without its indexes.
  const parts = async (table: string, expression: string, more = "true"): Promise<string> =>
    (await has(table))
      ? `(select t.user_id, json_agg(${expression} order by t.created_at, t.id) as rows from ${nameOf(source, table)} t where t.user_id in (select id from batch) and ${more} group by t.user_id)`
      : "(select null::uuid as user_id, null::json as rows)";
  return `with batch as materialized (select u.id, to_jsonb(u) as j from ${nameOf(source, "users")} u where u.id > $1::uuid order by u.id limit $2)
    select b.id::text as id, j ->> 'email' as email, j ->> 'phone' as phone, j ->> 'encrypted_password' as "passwordHash", j::text as row,
      coalesce(i.rows, '[]') as identities, coalesce(f.rows, '[]') as factors, coalesce(p.rows, '[]') as passkeys
    from batch b
      left join ${await parts("identities", IDENTITY)} i on i.user_id = b.id
      left join ${await parts("mfa_factors", FACTOR, "t.status::text = 'verified'")} f on f.user_id = b.id
      left join ${await parts("webauthn_credentials", "to_jsonb(t)::text")} p on p.user_id = b.id
    order by b.id`;
}

/** Before 2023 the provider's id was the row's, and there was no other. */
const IDENTITY = `(case when to_jsonb(t) ? 'provider_id' then to_jsonb(t)
  else to_jsonb(t) || jsonb_build_object('provider_id', to_jsonb(t) ->> 'id', 'id', md5(t.provider || ':' || (to_jsonb(t) ->> 'id'))) end)::text`;
const FACTOR = "json_build_object('id', t.id, 'type', t.factor_type, 'secret', to_jsonb(t) ->> 'secret', 'row', (to_jsonb(t) - 'secret')::text)";

const nameOf = ({ schema }: UserSource, table: string): string => `"${schema.replaceAll('"', '""')}".${table}`;
