import type { AuthError } from "../auth-error.ts";
import { toUser, type LoadedUser, type User } from "../users/user.ts";
import type { SignedAccessToken } from "./access-token.ts";

/** What a client gets that has signed in: `Session` of @supabase/auth-js. */
export interface SessionResponse {
  readonly access_token: string;
  readonly token_type: "bearer";
  /** In seconds. */
  readonly expires_in: number;
  /** Whole seconds since 1970. */
  readonly expires_at: number;
  readonly refresh_token: string;
  readonly user: User;
  readonly provider_token?: string | undefined;
  readonly provider_refresh_token?: string | undefined;
  readonly weak_password?: { readonly message: string; readonly reasons: readonly string[] } | undefined;
}

export const toSessionResponse = ({ token, expiresAt }: SignedAccessToken, refreshToken: string, user: LoadedUser): SessionResponse => ({
  access_token: token,
  token_type: "bearer",
  expires_in: expiresAt - Math.floor(Date.now() / 1_000),
  expires_at: expiresAt,
  refresh_token: refreshToken,
  user: toUser(user),
});

export const weakPassword = (error: AuthError): SessionResponse["weak_password"] => ({ message: error.message, reasons: error.weakPasswordReasons ?? [] });
