import { AuthError } from "../auth-error.ts";
import type { AuthConfig } from "../config/auth-options.ts";
import { AUTH_ERRORS } from "../errors.ts";

/** @throws BackendError manual_linking_disabled */
export function requireManualLinking({ security }: Pick<AuthConfig, "security">): void {
  if (!security.manualLinkingEnabled) throw new AuthError(AUTH_ERRORS.manualLinkingDisabled);
}
