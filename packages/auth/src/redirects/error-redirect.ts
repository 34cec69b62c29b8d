import type { BackendError } from "@plinth/core";
import { OAuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";

/** What RFC 6749, 4.1.2.1 calls an error, by its status (internal/api/errors.go). */
const OAUTH_ERRORS: Readonly<Record<number, string>> = { 400: "invalid_request", 401: "unauthorized_client", 403: "access_denied", 500: "server_error", 503: "temporarily_unavailable" };
const DENIED: ReadonlySet<string> = new Set([AUTH_ERRORS.signupDisabled.code, AUTH_ERRORS.userBanned.code, AUTH_ERRORS.providerEmailNeedsVerification.code]);

/**
 * The address with an error in it, in the query and in the fragment: where @supabase/auth-js looks for it.
 * @param target checked (`redirectTargetOf`)
 * @param inQuery false: in the fragment alone, as the implicit flow of links in mails has it
 */
export function errorRedirect(target: string, error: BackendError, inQuery = true): string {
  const url = new URL(target);
  const told = {
    error: error instanceof OAuthError ? error.error : DENIED.has(error.code) ? "access_denied" : (OAUTH_ERRORS[error.status] ?? "server_error"),
    error_description: error.message,
    ...(error instanceof OAuthError ? {} : { error_code: error.code }),
  };
  if (inQuery) for (const [name, value] of Object.entries(told)) url.searchParams.set(name, value);
  url.hash = new URLSearchParams({ ...told, sb: "" }).toString();
  return url.href;
}
