import type { Tenant, TenantStateKey } from "@plinth/core";
import type { AuthLog } from "./auth-log.ts";
import type { AuthConfig, AuthOptions } from "./config/auth-options.ts";
import { readAuthConfig } from "./config/read-auth-config.ts";
import { Mailer } from "./mail/mailer.ts";

/** What the service keeps for an open project. */
export interface TenantAuth {
  readonly config: AuthConfig;
  /** Whether `externalUrl` is the project's own, so that it needs no key to be named. */
  readonly hasOwnUrl: boolean;
  readonly mailer: Mailer;
  readonly log: AuthLog;
}

/** @param options of every project; its own `settings.auth` go before them */
export function createTenantAuth(options: AuthOptions, log: AuthLog): TenantStateKey<TenantAuth> {
  return {
    name: "auth",
    create: ({ project }: Tenant) => {
      const own = project.settings["auth"] as AuthOptions | undefined;
      const config = readAuthConfig(options, own);
      return { config, hasOwnUrl: own?.externalUrl !== undefined, mailer: new Mailer(config, log), log };
    },
    dispose: ({ mailer }) => mailer.close(),
  };
}
