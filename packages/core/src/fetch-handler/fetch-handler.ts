import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { CorsPolicy } from "../http/cors.ts";
import { reply } from "../http/reply.ts";
import { responseFor } from "../http/response-for.ts";
import { ServerTiming } from "../http/server-timing.ts";
import { markUnrouted } from "../http/unrouted.ts";
import { authenticate } from "../keys/authenticate.ts";
import type { ErrorContext, Service } from "../service/service.ts";
import type { Caller } from "../tenant/scope.ts";
import type { OpenTenant, TenantRegistry } from "../tenant/tenant-registry.ts";
import { matchRoute, type Route } from "./match-route.ts";
import { createRefResolver, type RefResolver } from "./resolve-ref.ts";
import { UnderWay } from "./under-way.ts";

export interface FetchHandlerOptions {
  readonly services: readonly Service[];
  /** Path that the services' prefixes are below; "" for none. */
  readonly basePath: string;
  readonly tenants: TenantRegistry;
  /** The project that requests are for when they name none. */
  readonly defaultRef: string | undefined;
  readonly cors: CorsPolicy;
  /** Told of every error that is not the client's doing. */
  readonly onError: (error: unknown, request: Request) => void;
}

/** Answers requests until it is closed. */
export interface RequestHandler {
  handle(request: Request): Promise<Response>;
  /** Refuses requests from now on with PLINTH_CLOSED, and waits for those under way. */
  close(): Promise<void>;
}

/** Request → Response: which service, whose project, who asks; then the service; and the only catch. */
export function createFetchHandler(options: FetchHandlerOptions): RequestHandler {
  const resolveRef = createRefResolver(options.defaultRef);
  const underWay = new UnderWay();
  const handle = async (request: Request): Promise<Response> => {
    const preflight = options.cors.preflight(request);
    if (preflight) return responseFor(request, preflight);
    const route = matchRoute(options.services, options.basePath, request.url);
    if (!route) return responseFor(request, options.cors.apply(request, unrouted(options)));
    if (!underWay.enter()) return responseFor(request, options.cors.apply(request, closed(route.service, request)));
    try {
      return responseFor(request, options.cors.apply(request, await answer(options, resolveRef, route, request)));
    } finally {
      underWay.leave();
    }
  };
  return { handle, close: () => underWay.close() };
}

interface Progress {
  readonly request: Request;
  readonly timing: ServerTiming;
  tenant?: OpenTenant["tenant"];
  caller?: Caller;
}

async function answer(options: FetchHandlerOptions, resolveRef: RefResolver, route: Route, request: Request): Promise<Response> {
  const progress: Progress = { request, timing: new ServerTiming() };
  try {
    const ref = resolveRef(request);
    const open = options.tenants.peek(ref) ?? (await options.tenants.get(ref));
    progress.tenant = open.tenant;
    const authenticated = authenticate(request, open.keys);
    const caller = authenticated instanceof Promise ? await authenticated : authenticated;
    progress.caller = caller;
    progress.timing.mark("jwt");
    return await route.service.handle({ request, tenant: open.tenant, caller, path: route.path, query: route.query, timing: progress.timing });
  } catch (error) {
    return renderError(options, route.service, error, progress);
  }
}

function renderError(options: FetchHandlerOptions, service: Service, error: unknown, context: ErrorContext): Response {
  const response = service.renderError(error, context);
  if (response.status >= 500) options.onError(error, context.request);
  return response;
}

/** Whoever closed the backend knows of it: nobody else is told. */
function closed(service: Service, request: Request): Response {
  return service.renderError(new BackendError(CORE_ERRORS.closed, { headers: { "Retry-After": "1" } }), { request, timing: new ServerTiming() });
}

/** Nobody answers at this path: adapters let their host go on, others send this 404. */
function unrouted({ services, basePath }: FetchHandlerOptions): Response {
  const { code, status, message } = new BackendError(CORE_ERRORS.routeNotFound);
  const hint = `Below where this backend is mounted there are: ${services.map(({ prefix }) => basePath + prefix).join(", ")}.`;
  return markUnrouted(reply(JSON.stringify({ code, details: null, hint, message }), { status, headers: { "content-type": "application/json; charset=utf-8" } }));
}
