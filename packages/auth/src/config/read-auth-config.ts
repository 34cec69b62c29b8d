import { invalidOwnSettings, readSettings } from "@plinth/core";
import { type AuthConfig, authOptionsSchema } from "./auth-options.ts";

/**
 * The settings of one project: the backend's, and over them the project's own, group by group.
 * @throws BackendError PLINTH_CONFIG_INVALID naming each setting that is wrong
 */
export const readAuthConfig = (options: unknown, own?: unknown): AuthConfig => readSettings("auth", authOptionsSchema, { options, own });

/**
 * As above, of a project's settings before they are stored.
 * @throws BackendError PLINTH_CONFIG_INVALID
 */
export function checkOwnSettings(options: unknown, own: unknown): void {
  readAuthConfig(options, own);
  if ((own as { readonly outbound?: unknown } | null | undefined)?.outbound !== undefined) throw invalidOwnSettings("auth", [".outbound: is said for all projects alone, in createBackend({ auth: { outbound } })"]);
}
