import type { LinkProperties } from "../admin/links/generate-link.ts";
import type { LinkType } from "../admin/links/link-kinds.ts";
import type { SessionInfo } from "../sessions/list-sessions.ts";
import type { SignOutScope } from "../sessions/end-sessions.ts";
import type { Factor, Metadata, User } from "../users/user.ts";

/** What is said of a user: as `AdminUserAttributes` of @supabase/auth-js. */
export interface AdminUserAttributes {
  /** Of a new user. Default: a new one. */
  readonly id?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly password?: string;
  /** bcrypt, argon2 or Firebase's scrypt: of a new user, in place of a password. */
  readonly password_hash?: string;
  readonly email_confirm?: boolean;
  readonly phone_confirm?: boolean;
  /** Merged into what is there; null takes a field away. */
  readonly user_metadata?: Metadata;
  readonly app_metadata?: Metadata;
  readonly role?: string;
  /** As Go writes durations ("24h", "1h30m"), or "none". */
  readonly ban_duration?: string;
}

export interface ListUsersParams {
  /** From 1 on. */
  readonly page?: number;
  /** Default: 50. */
  readonly perPage?: number;
  /** Part of the e-mail address or the full name. */
  readonly filter?: string;
  /** By the time at which they were made. Default: "desc". */
  readonly sort?: "asc" | "desc";
}

export interface UserPage {
  readonly users: readonly User[];
  readonly aud: string;
  /** On all pages. */
  readonly total: number;
  readonly nextPage: number | null;
  readonly lastPage: number;
}

export interface GenerateLinkParams {
  readonly type: LinkType;
  readonly email: string;
  /** Of "signup". */
  readonly password?: string;
  /** Of "email_change_current" and "email_change_new". */
  readonly newEmail?: string;
  readonly data?: Metadata;
  readonly redirectTo?: string;
}

export interface InviteOptions {
  readonly data?: Metadata;
  readonly redirectTo?: string;
}

/**
 * The methods of `auth.admin` of @supabase/auth-js, by the same endpoints without a network. What that gives as `error`
 * is thrown: a BackendError with GoTrue's `code` ("user_not_found", "email_exists", …) and `status`.
 */
export interface TenantAuthAdmin {
  createUser(attributes: AdminUserAttributes): Promise<User>;
  getUserById(id: string): Promise<User>;
  listUsers(params?: ListUsersParams): Promise<UserPage>;
  updateUserById(id: string, attributes: AdminUserAttributes): Promise<User>;
  /** @param shouldSoftDelete leave the row, with nothing in it that says who it was */
  deleteUser(id: string, shouldSoftDelete?: boolean): Promise<void>;
  /** @throws BackendError external_url_missing where neither `auth.externalUrl` nor `auth.siteUrl` says where links lead */
  inviteUserByEmail(email: string, options?: InviteOptions): Promise<User>;
  /** @throws BackendError as `inviteUserByEmail` */
  generateLink(params: GenerateLinkParams): Promise<{ readonly user: User; readonly properties: LinkProperties }>;
  /** Ends sessions of the user whose access token this is. Default: all. */
  signOut(accessToken: string, scope?: SignOutScope): Promise<void>;
  listSessions(userId: string): Promise<readonly SessionInfo[]>;
  /** Ends one session; all of the user's where none is named. */
  revokeSessions(userId: string, sessionId?: string): Promise<void>;
  readonly mfa: {
    listFactors(params: { readonly userId: string }): Promise<readonly Factor[]>;
    deleteFactor(params: { readonly userId: string; readonly id: string }): Promise<Factor>;
  };
}
