import type { Selectable } from "kysely";
import type { FactorsTable, IdentitiesTable, UsersTable } from "../database/auth-tables.ts";
import { timestamp } from "../database/now.ts";

type Row<T> = Readonly<Selectable<T>>;
/** As they come out of JSON: times are texts. */
type InJson<T> = { readonly [K in keyof T]: Date extends T[K] ? Exclude<T[K], Date> | string : T[K] };

export type UserRow = Row<UsersTable>;
export type IdentityRow = Row<IdentitiesTable> | InJson<Row<IdentitiesTable>>;
export type FactorRow = Row<FactorsTable> | InJson<Row<FactorsTable>>;

/** A user with what GoTrue's JSON of one has besides: the ways to sign in, and the second factors. */
export interface LoadedUser {
  readonly row: UserRow;
  readonly identities: readonly IdentityRow[];
  readonly factors: readonly FactorRow[];
}

/** JSON objects that applications keep with a user. */
export type Metadata = Readonly<Record<string, unknown>>;

/** A user as clients get it: `User` of @supabase/auth-js. Fields without a value are left out. */
export interface User {
  readonly id: string;
  readonly aud: string;
  readonly role: string;
  readonly email: string;
  readonly email_confirmed_at?: string | undefined;
  readonly invited_at?: string | undefined;
  readonly phone: string;
  readonly phone_confirmed_at?: string | undefined;
  readonly confirmation_sent_at?: string | undefined;
  readonly confirmed_at?: string | undefined;
  readonly recovery_sent_at?: string | undefined;
  readonly new_email?: string | undefined;
  readonly email_change_sent_at?: string | undefined;
  readonly new_phone?: string | undefined;
  readonly phone_change_sent_at?: string | undefined;
  readonly reauthentication_sent_at?: string | undefined;
  readonly last_sign_in_at?: string | undefined;
  readonly app_metadata: Metadata;
  readonly user_metadata: Metadata;
  readonly factors?: readonly Factor[] | undefined;
  readonly identities: readonly Identity[];
  readonly created_at: string;
  readonly updated_at: string;
  readonly banned_until?: string | undefined;
  readonly deleted_at?: string | undefined;
  readonly is_anonymous: boolean;
}

export interface Identity {
  /** Of the row. */
  readonly identity_id: string;
  /** The user's at the provider. */
  readonly id: string;
  readonly user_id: string;
  readonly identity_data: Metadata;
  readonly provider: string;
  readonly last_sign_in_at?: string | undefined;
  readonly created_at?: string | undefined;
  readonly updated_at?: string | undefined;
  readonly email?: string | undefined;
}

export interface Factor {
  readonly id: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly status: "unverified" | "verified";
  readonly friendly_name?: string | undefined;
  readonly factor_type: "totp" | "webauthn" | "phone";
  readonly phone?: string | undefined;
  readonly last_challenged_at?: string | undefined;
}

export const toIdentity = (row: IdentityRow): Identity => ({
  identity_id: row.id,
  id: row.provider_id,
  user_id: row.user_id,
  identity_data: row.identity_data,
  provider: row.provider,
  last_sign_in_at: timestamp(row.last_sign_in_at),
  created_at: timestamp(row.created_at),
  updated_at: timestamp(row.updated_at),
  email: row.email ?? undefined,
});

export const toFactor = (row: FactorRow): Factor => ({
  id: row.id,
  created_at: timestamp(row.created_at)!,
  updated_at: timestamp(row.updated_at)!,
  status: row.status,
  friendly_name: row.friendly_name || undefined,
  factor_type: row.factor_type,
  phone: row.phone || undefined,
  last_challenged_at: timestamp(row.last_challenged_at),
});

/** What a client may see of a user: no hash, no token. */
export function toUser({ row, identities, factors }: LoadedUser): User {
  return {
    id: row.id,
    aud: row.aud ?? "",
    role: row.role ?? "",
    email: row.email ?? "",
    email_confirmed_at: timestamp(row.email_confirmed_at),
    invited_at: timestamp(row.invited_at),
    phone: row.phone ?? "",
    phone_confirmed_at: timestamp(row.phone_confirmed_at),
    confirmation_sent_at: timestamp(row.confirmation_sent_at),
    confirmed_at: timestamp(row.confirmed_at),
    recovery_sent_at: timestamp(row.recovery_sent_at),
    new_email: row.email_change || undefined,
    email_change_sent_at: timestamp(row.email_change_sent_at),
    new_phone: row.phone_change || undefined,
    phone_change_sent_at: timestamp(row.phone_change_sent_at),
    reauthentication_sent_at: timestamp(row.reauthentication_sent_at),
    last_sign_in_at: timestamp(row.last_sign_in_at),
    app_metadata: row.raw_app_meta_data ?? {},
    user_metadata: row.raw_user_meta_data ?? {},
    factors: factors.length > 0 ? factors.map(toFactor) : undefined,
    identities: identities.map(toIdentity),
    created_at: timestamp(row.created_at ?? new Date(0))!,
    updated_at: timestamp(row.updated_at ?? new Date(0))!,
    banned_until: timestamp(row.banned_until),
    deleted_at: timestamp(row.deleted_at),
    is_anonymous: row.is_anonymous,
  };
}

export const isBanned = ({ banned_until }: Pick<UserRow, "banned_until">, at = Date.now()): boolean => banned_until !== null && banned_until.getTime() > at;
export const isEmailConfirmed = (row: Pick<UserRow, "email_confirmed_at">): boolean => row.email_confirmed_at !== null;
export const isPhoneConfirmed = (row: Pick<UserRow, "phone_confirmed_at">): boolean => row.phone_confirmed_at !== null;
export const hasPassword = (row: Pick<UserRow, "encrypted_password">): boolean => Boolean(row.encrypted_password);
