import { randomUUID } from "node:crypto";
import type { AuthTransaction } from "../database/auth-database.ts";
import { now } from "../database/now.ts";
import { isUniqueViolation, saved } from "../database/database-errors.ts";
import { AuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";
import type { Metadata, UserRow } from "./user.ts";

/** A user to be made. Nothing of it is checked here. */
export interface NewUser {
  /** Default: a new one. */
  readonly id?: string | undefined;
  readonly aud: string;
  readonly role: string;
  /** In lower case. */
  readonly email?: string | undefined;
  /** Digits alone. */
  readonly phone?: string | undefined;
  /** As `hashPassword` makes it. */
  readonly passwordHash?: string | undefined;
  readonly appMetadata?: Metadata;
  readonly userMetadata?: Metadata;
  readonly isAnonymous?: boolean;
  readonly isSsoUser?: boolean;
  readonly emailConfirmed?: boolean;
  readonly phoneConfirmed?: boolean;
  readonly bannedUntil?: Date | undefined;
  readonly invitedAt?: Date | undefined;
}

/**
 * Makes the row of a user; triggers of the project's own may change it.
 * @throws BackendError email_exists, phone_exists, user_already_exists where the id is taken; database_raised with what a trigger says
 */
export async function createUser(db: AuthTransaction, user: NewUser): Promise<UserRow> {
  const at = now();
  const insertion = db
    .insertInto("auth.users")
    .values({
      instance_id: "00000000-0000-0000-0000-000000000000",
      id: user.id ?? randomUUID(),
      aud: user.aud,
      role: user.role,
      email: user.email ?? null,
      phone: user.phone ?? null,
      encrypted_password: user.passwordHash ?? "",
      raw_app_meta_data: JSON.stringify(user.appMetadata ?? {}),
      raw_user_meta_data: JSON.stringify(user.userMetadata ?? {}),
      is_anonymous: user.isAnonymous ?? false,
      is_sso_user: user.isSsoUser ?? false,
      email_confirmed_at: user.emailConfirmed ? at : null,
      phone_confirmed_at: user.phoneConfirmed ? at : null,
      banned_until: user.bannedUntil ?? null,
      invited_at: user.invitedAt ?? null,
      created_at: at,
      updated_at: at,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return saved("Database error saving new user", insertion).catch((error: unknown) => {
    if (isUniqueViolation(error, "users_email_partial_key")) throw new AuthError(AUTH_ERRORS.emailExists, { cause: error });
    if (isUniqueViolation(error, "users_phone_key")) throw new AuthError(AUTH_ERRORS.phoneExists, { cause: error });
    if (isUniqueViolation(error, "users_pkey")) throw new AuthError(AUTH_ERRORS.userAlreadyExists, { message: "A user with this id is already registered", cause: error });
    throw error;
  });
}
