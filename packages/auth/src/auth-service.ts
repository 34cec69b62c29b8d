import type { ProjectKeys, RequestContext, Service, Tenant } from "@plinth/core";
import { AuthError } from "./auth-error.ts";
import type { AuthOptions } from "./config/auth-options.ts";
import { readAuthConfig } from "./config/read-auth-config.ts";
import { SECRET_SETTINGS } from "./config/secret-settings.ts";
import { AUTH_SETUP } from "./database/auth-setup.ts";
import { createCall } from "./endpoint/create-call.ts";
import type { AuthCall } from "./endpoint/auth-call.ts";
import type { Endpoint } from "./endpoint/endpoint.ts";
import { EndpointTable } from "./endpoint/match-endpoint.ts";
import { checkBody, readJson } from "./endpoint/read-json.ts";
import { renderError } from "./endpoint/render-error.ts";
import { requireAdmin, requireNoOAuthClient, requireNotAnonymous, requireUser } from "./endpoint/require-user.ts";
import { ENDPOINTS } from "./endpoints.ts";
import { AUTH_ERRORS } from "./errors.ts";
import { createTenantAuthApi } from "./in-process/create-tenant-auth-api.ts";
import type { TenantAuthApi } from "./in-process/tenant-auth-api.ts";
import { limitRate } from "./protection/limit-rate.ts";
import { verifyCaptcha } from "./protection/verify-captcha.ts";
import type { AuthLog } from "./auth-log.ts";
import { createTenantAuth } from "./tenant-auth.ts";

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
  /** A project's users, for host code in the same process. */
  inProcess(project: OpenProject): TenantAuthApi;
}

const table = new EndpointTable(ENDPOINTS);

/** Supabase Auth's API at `/auth/v1`. @throws BackendError PLINTH_CONFIG_INVALID */
export function createAuthService({ options, log = () => undefined }: AuthServiceOptions): AuthService {
  readAuthConfig(options);
  const tenantAuth = createTenantAuth(options, log);
  const serveContext = async (context: RequestContext): Promise<Response> => handle(context, createCall(context, await context.tenant.state(tenantAuth).get()));
  return {
    name: "auth",
    prefix: "/auth/v1",
    databaseSetup: AUTH_SETUP,
    isOpen: (path) => isPublic(path),
    handle: serveContext,
    operation: (method, path) => {
      const match = table.find(method, path);
      return "endpoint" in match ? match.endpoint.id : "auth";
    },
    checkSettings: (settings) => void readAuthConfig(options, settings),
    secretSettings: SECRET_SETTINGS,
    inProcess: ({ tenant, keys, isDefault }) => {
      // Only opaque keys look at the request that shows them, and those are no user's.
      const nowhere = new Request("http://in-process.invalid");
      return createTenantAuthApi({ tenant, isDefault, handle: serveContext, verify: (token) => keys.verify(token, nowhere) });
    },
    renderError,
  };
}

/** Whatever the method: an address that browsers open has no key. */
function isPublic(path: string): boolean {
  return ["GET", "POST"].some((method) => {
    const match = table.find(method, path);
    return "endpoint" in match && match.endpoint.access === "public";
  });
}

type CreateCall = (params: Readonly<Record<string, string>>) => AuthCall;

async function handle({ request, path, query }: RequestContext, create: CreateCall): Promise<Response> {
  // Nothing that is kept or looked for has NUL in it, and PostgreSQL takes none.
  if (/%00|\0/.test(path) || /%00|\0/.test(query)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "The address must not have NUL in it" });
  const match = table.find(request.method, path);
  if (!("endpoint" in match)) {
    if (match.allowed.length === 0) throw new AuthError(AUTH_ERRORS.routeNotFound);
    throw new AuthError(AUTH_ERRORS.methodNotAllowed, { headers: { Allow: match.allowed.join(", ") } });
  }
  const { endpoint, params } = match;
  const call = create(params);
  if (!call.config.enabled) throw new AuthError(AUTH_ERRORS.featureDisabled, { message: "Auth is switched off for this project" });
  endpoint.requires?.(call.config);
  if (endpoint.method !== "GET") call.auth.cleaner.nudge();
  return serve(endpoint, call);
}

async function serve(endpoint: Endpoint, call: AuthCall): Promise<Response> {
  if (endpoint.rateLimit !== undefined) await limitRate(call, endpoint.rateLimit, endpoint.id);
  const admitted = await ADMISSION[endpoint.access](call);
  if (endpoint.notAnonymous) requireNotAnonymous(call);
  if (!endpoint.oauthClients) requireNoOAuthClient(admitted);
  if (endpoint.body === undefined) return endpoint.handle(admitted, undefined);
  const given = await readJson(call.request);
  if (endpoint.captcha) await verifyCaptcha(call, given);
  return endpoint.handle(admitted, checkBody(given, endpoint.body));
}

const ADMISSION: Readonly<Record<Endpoint["access"], (call: AuthCall) => AuthCall | Promise<AuthCall>>> = {
  public: (call) => call,
  open: (call) => call,
  user: requireUser,
  admin: requireAdmin,
};
