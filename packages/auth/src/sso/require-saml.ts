import { AuthError } from "../auth-error.ts";
import type { AuthConfig } from "../config/auth-options.ts";
import { AUTH_ERRORS } from "../errors.ts";

/** @throws BackendError saml_provider_disabled */
export function requireSaml({ saml }: Pick<AuthConfig, "saml">): void {
  if (!saml.enabled) throw new AuthError(AUTH_ERRORS.samlProviderDisabled);
}
