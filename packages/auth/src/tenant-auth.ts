import type { Outbound, Tenant, TenantStateKey } from "@plinth/core";
import { type AuthLog, warningOnce, type WarnOnce } from "./auth-log.ts";
import { type Cleaner, createCleaner } from "./clean-up/cleaner.ts";
import type { AuthConfig, AuthOptions } from "./config/auth-options.ts";
import { readAuthConfig } from "./config/read-auth-config.ts";
import { Mailer } from "./mail/mailer.ts";
import { createProjectOutbound, type ProjectOutbound } from "./outbound/project-outbound.ts";

/** What the service keeps for an open project. */
export interface TenantAuth {
  readonly config: AuthConfig;
  /** Whether `externalUrl` is the project's own, so that it needs no key to be named. */
  readonly hasOwnUrl: boolean;
  readonly mailer: Mailer;
  readonly log: AuthLog;
  readonly warnOnce: WarnOnce;
  readonly cleaner: Cleaner;
  readonly outbound: ProjectOutbound;
}

/** Read when it is first asked for: a project's secrets are opened with its data key. */
export interface LazyTenantAuth {
  /** @throws BackendError PLINTH_SECRET_UNREADABLE, PLINTH_CONFIG_INVALID; another call tries again */
  get(): Promise<TenantAuth>;
  close(): void;
}

/** What is the same for every project. */
export interface AuthSurroundings {
  /** A project's own `settings.auth` go before them. */
  readonly options: AuthOptions;
  readonly log: AuthLog;
  readonly outbound: Outbound;
}

export function createTenantAuth(surroundings: AuthSurroundings): TenantStateKey<LazyTenantAuth> {
  return { name: "auth", create: (tenant) => lazily(() => open(tenant, surroundings)), dispose: (lazy) => lazy.close() };
}

async function open(tenant: Tenant, { options, log, outbound }: AuthSurroundings): Promise<TenantAuth> {
  const own = (await tenant.secrets.settings("auth")) as AuthOptions | undefined;
  const config = readAuthConfig(options, own);
  const projectOutbound = createProjectOutbound(outbound, { options, own, config });
  const mailer = new Mailer(config, log, projectOutbound.reachOf(["smtp", "host"], ["smtp", "port"]));
  return { config, hasOwnUrl: own?.externalUrl !== undefined, mailer, log, warnOnce: warningOnce(log), cleaner: createCleaner(tenant, config), outbound: projectOutbound };
}

function lazily(read: () => Promise<TenantAuth>): LazyTenantAuth {
  let reading: Promise<TenantAuth> | undefined;
  return {
    get: () => {
      reading ??= read().catch((error: unknown) => {
        reading = undefined;
        throw error;
      });
      return reading;
    },
    close: () => void reading?.then(({ mailer }) => mailer.close(), () => undefined),
  };
}
