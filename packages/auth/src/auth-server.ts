import { Outbound, PathTable, type RequestContext } from "@plinth/core";
import { AuthError } from "./auth-error.ts";
import type { AuthLog } from "./auth-log.ts";
import type { AuthOptions } from "./config/auth-options.ts";
import type { AuthCall } from "./endpoint/auth-call.ts";
import { createCall } from "./endpoint/create-call.ts";
import type { Endpoint } from "./endpoint/endpoint.ts";
import { checkBody, readJson } from "./endpoint/read-json.ts";
import { requireAdmin, requireNoOAuthClient, requireNotAnonymous, requireUser } from "./endpoint/require-user.ts";
import { ENDPOINTS } from "./endpoints.ts";
import { AUTH_ERRORS } from "./errors.ts";
import { RECENT_USERS } from "./in-process/recent-users.ts";
import { limitRate } from "./protection/limit-rate.ts";
import { verifyCaptcha } from "./protection/verify-captcha.ts";
import { createTenantAuth } from "./tenant-auth.ts";

/** Answers requests to Auth: what is loaded with the first of them, rather than at the start. */
export interface AuthServer {
  handle(context: RequestContext): Promise<Response>;
  /** What logs and metrics call a request. */
  operation(method: string, path: string): string;
  close(): Promise<void>;
}

export function createAuthServer(options: AuthOptions, log: AuthLog): AuthServer {
  const table = new PathTable(ENDPOINTS);
  const outbound = new Outbound();
  const tenantAuth = createTenantAuth({ options, log, outbound });
  return {
    handle: async (context) => handle(table, context, createCall(context, await context.tenant.state(tenantAuth).get())),
    operation: (method, path) => {
      const match = table.find(method, path);
      return "entry" in match ? match.entry.id : "auth";
    },
    close: () => outbound.close(),
  };
}

type CreateCall = (params: Readonly<Record<string, string>>) => AuthCall;

async function handle(table: PathTable<Endpoint>, { request, path, query }: RequestContext, create: CreateCall): Promise<Response> {
  // Nothing that is kept or looked for has NUL in it, and PostgreSQL takes none.
  if (/%00|\0/.test(path) || /%00|\0/.test(query)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "The address must not have NUL in it" });
  const match = table.find(request.method, path);
  if (!("entry" in match)) {
    if (match.allowed.length === 0) throw new AuthError(AUTH_ERRORS.routeNotFound);
    throw new AuthError(AUTH_ERRORS.methodNotAllowed, { headers: { Allow: match.allowed.join(", ") } });
  }
  const { entry: endpoint, params } = match;
  const call = create(params);
  if (!call.config.enabled) throw new AuthError(AUTH_ERRORS.featureDisabled, { message: "Auth is switched off for this project" });
  endpoint.requires?.(call.config);
  if (isReading(endpoint)) return serve(endpoint, call);
  call.auth.cleaner.nudge();
  try {
    return await serve(endpoint, call);
  } finally {
    call.tenant.state(RECENT_USERS).forget();
  }
}

/** Addresses that browsers open may redeem something. */
const isReading = ({ method, access }: Endpoint): boolean => method === "GET" && access !== "public";

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
