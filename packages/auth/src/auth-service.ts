import type { ProjectKeys, RequestContext, Service, Tenant } from "@plinth/core";
import type { AuthServer } from "./auth-server.ts";
import type { AuthOptions } from "./config/auth-options.ts";
import { checkOwnSettings, readAuthConfig } from "./config/read-auth-config.ts";
import { SECRET_SETTINGS } from "./config/secret-settings.ts";
import { AUTH_SETUP } from "./database/auth-setup.ts";
import { isPublicPath } from "./endpoint/public-paths.ts";
import { renderError } from "./endpoint/render-error.ts";
import { createHostMetadataService } from "./oauth-server/host-metadata-service.ts";
import { createTenantAuthApi } from "./in-process/create-tenant-auth-api.ts";
import type { TenantAuthApi } from "./in-process/tenant-auth-api.ts";
import type { AuthLog } from "./auth-log.ts";

export interface AuthServiceOptions {
  /** For every project; a project's own `settings.auth` go before them. */
  readonly options: AuthOptions;
  /** Told of mails and messages that are not sent anywhere, with what is in them. Default: nobody is. */
  readonly log?: AuthLog;
}

/** A project that is open in this process, with what its callers are told by. */
export interface OpenProject {
  readonly tenant: Tenant;
  readonly keys: Pick<ProjectKeys, "verify">;
  /** Whether requests that show no key are this project's. */
  readonly isDefault: boolean;
}

export interface AuthService extends Service {
  /** What is answered outside of `/auth/v1`. */
  readonly hostMetadata: Service;
  /** A project's users, for host code in the same process. */
  inProcess(project: OpenProject): TenantAuthApi;
}

/** Supabase Auth's API at `/auth/v1`. @throws BackendError PLINTH_CONFIG_INVALID */
export function createAuthService({ options, log = () => undefined }: AuthServiceOptions): AuthService {
  readAuthConfig(options);
  let server: AuthServer | undefined;
  let loading: Promise<AuthServer> | undefined;
  const load = (): Promise<AuthServer> =>
    (loading ??= import("./auth-server.ts").then(({ createAuthServer }) => (server = createAuthServer(options, log))));
  const handle = async (context: RequestContext): Promise<Response> => (server ?? (await load())).handle(context);
  return {
    name: "auth",
    prefix: "/auth/v1",
    databaseSetup: AUTH_SETUP,
    isOpen: isPublicPath,
    handle,
    hostMetadata: createHostMetadataService({ handle, renderError }),
    operation: (method, path) => server?.operation(method, path) ?? "auth",
    checkSettings: (settings) => checkOwnSettings(options, settings),
    secretSettings: SECRET_SETTINGS,
    inProcess: ({ tenant, keys, isDefault }) => {
      // Only opaque keys look at the request that shows them, and those are no user's.
      const nowhere = new Request("http://in-process.invalid");
      return createTenantAuthApi({ tenant, isDefault, handle, verify: (token) => keys.verify(token, nowhere) });
    },
    renderError,
    close: async () => server?.close(),
  };
}
