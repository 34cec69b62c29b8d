import { sql } from "kysely";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import { isUniqueViolation, saved } from "../database/database-errors.ts";
import { now } from "../database/now.ts";
import { AUTH_ERRORS } from "../errors.ts";
import type { IdentityRow, Metadata } from "../users/user.ts";

export interface NewIdentity {
  readonly userId: string;
  /** "email", "phone", "google", "sso:<id>", … */
  readonly provider: string;
  /** The user's id at the provider; of "email" and "phone" the user's own. */
  readonly providerId: string;
  /** What the provider says of the user; `sub` is the provider's id. */
  readonly data: Metadata;
}

/** @throws BackendError identity_already_exists where it is somebody's */
export async function createIdentity(db: AuthTransaction, { userId, provider, providerId, data }: NewIdentity): Promise<IdentityRow> {
  const at = now();
  const insertion = db
    .insertInto("auth.identities")
    .values({ user_id: userId, provider, provider_id: providerId, identity_data: JSON.stringify(data), last_sign_in_at: at, created_at: at, updated_at: at })
    .returningAll()
    .executeTakeFirstOrThrow();
  return saved("Error creating identity", insertion).catch((error: unknown) => {
    if (isUniqueViolation(error)) throw new AuthError(AUTH_ERRORS.identityAlreadyExists, { cause: error });
    throw error;
  });
}

export function findIdentity(db: AuthTransaction, provider: string, providerId: string): Promise<IdentityRow | undefined> {
  return db.selectFrom("auth.identities").selectAll().where("provider", "=", provider).where("provider_id", "=", providerId).executeTakeFirst();
}

/** `app_metadata.provider` and `.providers` from the identities that the user has now. */
export async function updateProviders(db: AuthTransaction, userId: string): Promise<void> {
  await saved("Database error updating user", sql`
    update auth.users set updated_at = ${now()}, raw_app_meta_data = coalesce(raw_app_meta_data, '{}') || jsonb_build_object(
      'provider', coalesce((select provider from auth.identities where user_id = ${userId} order by created_at, id limit 1), 'email'),
      'providers', coalesce((select jsonb_agg(provider order by first, provider) from (select provider, min(created_at) as first from auth.identities where user_id = ${userId} group by provider) as each), '[]'))
    where id = ${userId}`.execute(db));
}
