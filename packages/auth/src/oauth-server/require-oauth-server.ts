import { AuthError } from "../auth-error.ts";
import type { AuthConfig } from "../config/auth-options.ts";
import { AUTH_ERRORS } from "../errors.ts";

/** @throws BackendError feature_disabled where the project is no OAuth server */
export function requireOAuthServer({ oauthServer }: Pick<AuthConfig, "oauthServer">): void {
  if (!oauthServer.enabled) throw new AuthError(AUTH_ERRORS.featureDisabled, { message: "OAuth server is disabled" });
}
