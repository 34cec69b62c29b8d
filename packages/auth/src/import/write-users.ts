import type { OwnerDatabaseLease, TenantSecrets } from "@plinth/core";
import { type RawBuilder, sql } from "kysely";
import { isPasswordHash } from "../passwords/verify-password.ts";
import type { ImportProblem, ImportProblemCode, ImportedUsers } from "./import-result.ts";
import { type SealedFactor, sealFactors } from "./seal-factors.ts";
import type { SourceUser } from "./user-source.ts";

type Database = OwnerDatabaseLease["db"];

export interface WriteOptions {
  readonly secrets: TenantSecrets;
  /** Leave the triggers of the project's own on `auth.users` out. */
  readonly withoutTriggers: boolean;
}

/**
 * Writes users with everything that is theirs, in one transaction: who is in the project by then has all of it, and who
 * was there before is left alone.
 * @throws what a trigger or constraint of the project's own raises
 */
export async function writeUsers(target: Database, users: readonly SourceUser[], { secrets, withoutTriggers }: WriteOptions): Promise<ImportedUsers> {
  const { sealed, problems } = await sealFactors(secrets, users);
  return target.transaction().execute(async (db: Database) => {
    if (withoutTriggers) await sql`alter table auth.users disable trigger user`.execute(db);
    const present = await presentIds(db, users);
    const fresh = users.filter(({ id }) => !present.has(id));
    const imported = await insertUsers(db, fresh);
    if (withoutTriggers) await sql`alter table auth.users enable trigger user`.execute(db);
    const written = fresh.filter(({ id }) => imported.has(id));
    const identities = await insert(db, "identities", IDENTITY_COLUMNS, written.flatMap((user) => user.identities));
    const factors = await insert(db, "mfa_factors", FACTOR_COLUMNS, sealed.filter(({ userId }) => imported.has(userId)).map(({ row }) => row));
    const passkeys = await insert(db, "webauthn_credentials", PASSKEY_COLUMNS, written.flatMap((user) => user.passkeys));
    return {
      read: users.length, imported: imported.size, present: present.size, failed: fresh.length - written.length, identities: identities.size, factors: factors.size, passkeys: passkeys.size,
      problems: [
        ...(await conflicts(db, fresh.filter(({ id }) => !imported.has(id)))),
        ...written.flatMap(unknownPassword),
        ...written.flatMap((user) => left(user, user.identities, identities, "identity_already_exists", "Another user has the identity")),
        ...refusedFactors(written, sealed, factors),
        ...written.flatMap((user) => left(user, user.passkeys, passkeys, "factor_refused", "Somebody has the passkey already")),
        ...problems.filter(({ userId }) => imported.has(userId)),
      ],
    };
  });
}

const presentIds = async (db: Database, users: readonly SourceUser[]): Promise<ReadonlySet<string>> => idsOf(await sql<{ id: string }>`select id from auth.users where id = any(${users.map(({ id }) => id)}::uuid[])`.execute(db));

/** Tokens that were sent and changes that nobody has confirmed are not taken over: their hashes are GoTrue's. */
const USER_COLUMNS = [
  "instance_id", "id", "aud", "role", "email_confirmed_at", "invited_at", "confirmation_sent_at", "recovery_sent_at", "last_sign_in_at", "raw_app_meta_data", "raw_user_meta_data",
  "is_super_admin", "created_at", "updated_at", "phone_confirmed_at", "banned_until", "deleted_at",
];
const IDENTITY_COLUMNS = ["id", "user_id", "provider", "provider_id", "identity_data", "last_sign_in_at", "created_at", "updated_at"];
const FACTOR_COLUMNS = ["id", "user_id", "friendly_name", "factor_type", "status", "created_at", "updated_at", "secret", "phone", "web_authn_credential", "web_authn_aaguid"];
const PASSKEY_COLUMNS = ["id", "user_id", "credential_id", "public_key", "attestation_type", "aaguid", "sign_count", "transports", "backup_eligible", "backed_up", "friendly_name", "created_at", "updated_at", "last_used_at"];

/** @returns the ids of those who are in the project now; an address that is taken leaves its user out */
async function insertUsers(db: Database, users: readonly SourceUser[]): Promise<ReadonlySet<string>> {
  const columns = sql.join(USER_COLUMNS.map((name) => sql.ref(name)));
  const unknown = users.filter((user) => unknownPassword(user).length > 0).map(({ id }) => id);
  return idsOf(await sql<{ id: string }>`
    insert into auth.users (${columns}, email, phone, encrypted_password, is_sso_user, is_anonymous)
    select ${columns}, nullif(lower(email), ''), nullif(ltrim(phone, '+'), ''), case when id = any(${unknown}::uuid[]) then '' else encrypted_password end, coalesce(is_sso_user, false), coalesce(is_anonymous, false)
    from jsonb_populate_recordset(null::auth.users, ${arrayOf(users.map(({ row }) => row))}::jsonb)
    on conflict do nothing returning id`.execute(db));
}

async function insert(db: Database, table: string, names: readonly string[], rows: readonly string[]): Promise<ReadonlySet<string>> {
  if (rows.length === 0) return new Set();
  const columns = sql.join(names.map((name) => sql.ref(name)));
  const name = sql.table(`auth.${table}`);
  return idsOf(await sql<{ id: string }>`insert into ${name} (${columns}) select ${columns} from jsonb_populate_recordset(null::${name}, ${arrayOf(rows)}::jsonb) on conflict do nothing returning id`.execute(db));
}

const arrayOf = (rows: readonly string[]): RawBuilder<string> => sql`${`[${rows.join(",")}]`}`;

const idsOf = ({ rows }: { readonly rows: ReadonlyArray<{ readonly id: string }> }): ReadonlySet<string> => new Set(rows.map(({ id }) => id));

const problem = ({ id, email }: SourceUser, code: ImportProblemCode, message: string): ImportProblem => ({ userId: id, email, code, message });

async function conflicts(db: Database, users: readonly SourceUser[]): Promise<readonly ImportProblem[]> {
  if (users.length === 0) return [];
  const { rows } = await sql<{ email: string }>`select email from auth.users where email = any(${users.map(({ email }) => (email ?? "").toLowerCase())})`.execute(db);
  const taken = new Set(rows.map(({ email }) => email));
  return users.map((user) => (taken.has((user.email ?? "").toLowerCase()) ? problem(user, "email_exists", "Another user of the project has the e-mail address") : problem(user, "phone_exists", "Another user of the project has the phone number")));
}

export const unknownPassword = (user: Pick<SourceUser, "id" | "email" | "passwordHash">): readonly ImportProblem[] =>
  user.passwordHash && !isPasswordHash(user.passwordHash) ? [{ userId: user.id, email: user.email, code: "password_hash_unknown", message: "The password's hash is of no known form: the user has to set a new password" }] : [];

function left(user: SourceUser, rows: readonly string[], written: ReadonlySet<string>, code: ImportProblemCode, message: string): readonly ImportProblem[] {
  return rows.filter((row) => !written.has(idOf(row))).map(() => problem(user, code, message));
}

function refusedFactors(users: readonly SourceUser[], sealed: readonly SealedFactor[], written: ReadonlySet<string>): readonly ImportProblem[] {
  return users.flatMap((user) => sealed.filter(({ userId, id }) => userId === user.id && !written.has(id)).map(() => problem(user, "factor_refused", "The user has a factor of this name or number already")));
}

/** In the form that uuid has. */
function idOf(row: string): string {
  const { id } = JSON.parse(row) as { readonly id: string };
  return id.length === 32 ? id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5") : id;
}
