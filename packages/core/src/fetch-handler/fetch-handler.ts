import type { HostProjects } from "../domains/host-projects.ts";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { CorsPolicy } from "../http/cors.ts";
import { withHeader } from "../http/light-response.ts";
import { reply } from "../http/reply.ts";
import { responseFor } from "../http/response-for.ts";
import { markUnrouted } from "../http/unrouted.ts";
import { authenticate } from "../keys/authenticate.ts";
import { ProjectGates } from "../limits/project-gates.ts";
import type { RequestLimits } from "../limits/project-limits.ts";
import type { RequestObserver } from "../observability/finished-request.ts";
import { RequestMetrics } from "../observability/request-metrics.ts";
import type { Tracing } from "../observability/tracing.ts";
import type { UnservedKeys } from "../projects/keys/unserved-keys.ts";
import type { RequestContext, Service } from "../service/service.ts";
import type { OpenTenant, TenantRegistry } from "../tenant/tenant-registry.ts";
import { answerEndpoint, type Endpoint, isEndpoint } from "./endpoint.ts";
import { matchRoute } from "./match-route.ts";
import { RequestExchange } from "./request-exchange.ts";
import { createTenantResolver, type TenantResolver } from "./resolve-tenant.ts";
import { shownKey } from "./shown-key.ts";
import { UnderWay } from "../tenant/under-way.ts";

export interface FetchHandlerOptions {
  readonly services: readonly Service[];
  /** Path that the services' prefixes are below; "" for none. */
  readonly basePath: string;
  readonly tenants: TenantRegistry;
  /** Which projects hosts name. Default: none. */
  readonly hosts?: HostProjects | undefined;
  /** The project that requests are for when they name none. */
  readonly defaultRef: string | undefined;
  /** Whose keys must hold before it is told why a project is not served. Default: nobody's, so that it is told to nobody. */
  readonly unservedKeys?: UnservedKeys | undefined;
  readonly cors: CorsPolicy;
  /** Of projects whose settings say nothing else. */
  readonly limits?: RequestLimits | undefined;
  readonly metrics?: RequestMetrics | undefined;
  /** Told of every request that was answered. */
  readonly onFinished?: RequestObserver | undefined;
  readonly tracing?: Tracing | undefined;
  /** Answered where no service is. */
  readonly endpoints?: readonly Endpoint[] | undefined;
  /** Told of every error that is nobody's intention: not of the client's doing, nor of projects that are paused or being moved. */
  readonly onError: (error: unknown, request: Request, context: RequestErrorContext) => void;
}

/** What is known of the request that an error was met in. */
export interface RequestErrorContext {
  readonly requestId: string;
  /** Ref of its project, where that is known already. */
  readonly project: string | undefined;
}

/** Answers requests until it is closed. */
export interface RequestHandler {
  handle(request: Request): Promise<Response>;
  /** Refuses requests from now on with PLINTH_CLOSED, and waits for those under way. */
  close(): Promise<void>;
}

interface Surroundings extends FetchHandlerOptions {
  readonly resolveTenant: TenantResolver;
  readonly gates: ProjectGates;
  readonly metrics: RequestMetrics;
}

/** Request → Response: which service, whose project, who asks; then the service; and the only catch. */
export function createFetchHandler(options: FetchHandlerOptions): RequestHandler {
  const surroundings: Surroundings = { ...options, resolveTenant: createTenantResolver(options), gates: new ProjectGates(options.limits ?? {}), metrics: options.metrics ?? new RequestMetrics() };
  const underWay = new UnderWay();
  const handle = async (request: Request): Promise<Response> => {
    const isSites = options.hosts?.isSites(request.url) ?? false;
    const route = matchRoute(options.services, options.basePath, request.url, isSites instanceof Promise ? await isSites : isSites);
    const preflight = options.cors.preflight(request);
    // Whether pages may call the host's own routes is for the host to say.
    if (preflight) return responseFor(request, route || isEndpoint(options.endpoints ?? [], request.url) ? preflight : markUnrouted(preflight));
    if (!route) return responseFor(request, options.cors.apply(request, await withoutService(options, request)));
    const exchange = new RequestExchange(request, route);
    if (!underWay.enter()) return responseFor(request, options.cors.apply(request, finish(surroundings, exchange, closed(exchange))));
    surroundings.metrics.begin();
    try {
      const response = options.tracing ? await traced(surroundings, options.tracing, exchange) : await answer(surroundings, exchange);
      return responseFor(request, options.cors.apply(request, response));
    } finally {
      surroundings.metrics.end(exchange);
      underWay.leave();
    }
  };
  return { handle, close: () => underWay.close() };
}

function traced(surroundings: Surroundings, tracing: Tracing, exchange: RequestExchange): Promise<Response> {
  return tracing.request(exchange, (traceId) => {
    exchange.traceId = traceId;
    return answer(surroundings, exchange);
  });
}

async function answer(surroundings: Surroundings, exchange: RequestExchange): Promise<Response> {
  try {
    return finish(surroundings, exchange, await serve(surroundings, exchange));
  } catch (error) {
    return finish(surroundings, exchange, renderError(surroundings, error, exchange));
  }
}

async function serve(surroundings: Surroundings, exchange: RequestExchange): Promise<Response> {
  const { request, route } = exchange;
  const { resolveTenant } = surroundings;
  const isOpen = route.service.isOpen?.(route.path, request.method) ?? false;
  const apikey = shownKey(request, route.query, isOpen);
  const named = apikey === null ? route.service.refOf?.(request, route.path, route.query) : undefined;
  const asked = { apikey, isOpen, named, inPath: route.service.refInPath?.(route.path) };
  const opening = resolveTenant(request, asked);
  let open = opening instanceof Promise ? await opening : opening;
  // Its project has just been changed: there is another one by now, or a reason why not.
  while (!open.requests.enter()) open = await resolveTenant(request, asked);
  try {
    return await serveFor(open, { apikey, isOpen }, surroundings, exchange);
  } finally {
    open.requests.leave();
  }
}

async function serveFor(open: OpenTenant, shown: { readonly apikey: string | null; readonly isOpen: boolean }, { gates, tracing, hosts, defaultRef }: Surroundings, exchange: RequestExchange): Promise<Response> {
  const { request, route, requestId, timing } = exchange;
  const reach = reachOf(request.url, open.tenant.ref, hosts, defaultRef);
  const tenant = (exchange.tenant = tracing ? tracing.tenant(open.tenant) : open.tenant);
  const authenticated = authenticate(request, open.keys, shown);
  const caller = (exchange.caller = authenticated instanceof Promise ? await authenticated : authenticated);
  timing.mark("jwt");
  const gate = (exchange.gate = gates.gate(open.tenant.project));
  // Only who has a key of the project can use up what the project may have.
  const waiting = gate.enter(() => request.signal, !shown.isOpen);
  if (waiting !== undefined) await waiting;
  try {
    const preparing = open.ready?.();
    if (preparing !== undefined) await preparing;
    return await route.service.handle({ request, tenant, caller, path: route.path, query: route.query, requestId, timing, ...reach, verify: (credential) => open.keys.verify(credential, request) });
  } finally {
    gate.leave();
  }
}

/** How far the request's host names the project. Looked up when a service asks. */
function reachOf(url: string, ref: string, hosts: FetchHandlerOptions["hosts"], defaultRef: string | undefined): Pick<RequestContext, "isOwnHost" | "isReachedWithoutKey"> {
  const hostRef = async (): Promise<string | undefined> => {
    const name = hosts?.nameOf(url);
    return name === undefined ? undefined : hosts?.refOf(name);
  };
  return { isOwnHost: async () => (await hostRef()) === ref, isReachedWithoutKey: async () => ((await hostRef()) ?? defaultRef) === ref };
}

/** Headers that every service's answers have, and what is to be said of the request now that it has been answered. */
function finish({ onFinished }: Surroundings, exchange: RequestExchange, response: Response): Response {
  exchange.status = response.status;
  exchange.durationMs = exchange.timing.elapsed();
  onFinished?.(exchange);
  const rate = exchange.gate?.rateHeaders;
  let answered = withHeader(response, "X-Request-Id", exchange.requestId);
  for (const name in rate) answered = withHeader(answered, name, rate[name]!);
  return answered;
}

function renderError({ onError, metrics }: Surroundings, error: unknown, exchange: RequestExchange): Response {
  if (error instanceof BackendError) metrics.refused(error.code);
  const response = exchange.route.service.renderError(error, exchange);
  if (response.status >= 500 && !isIntended(error)) onError(error, exchange.request, { requestId: exchange.requestId, project: exchange.tenant?.ref });
  return response;
}

/** What somebody wanted to be so, or what a limit is there for: the metrics count it, and nobody needs to be called. */
const INTENDED: ReadonlySet<string> = new Set([CORE_ERRORS.projectPaused, CORE_ERRORS.projectMoving, CORE_ERRORS.projectUpgrading, CORE_ERRORS.tooBusy, CORE_ERRORS.closed].map(({ code }) => code));

const isIntended = (error: unknown): boolean => error instanceof BackendError && INTENDED.has(error.code);

/** Whoever closed the backend knows of it: nobody else is told. */
function closed(exchange: RequestExchange): Response {
  return exchange.route.service.renderError(new BackendError(CORE_ERRORS.closed, { headers: { "Retry-After": "1" } }), exchange);
}

async function withoutService(options: FetchHandlerOptions, request: Request): Promise<Response> {
  return (await answerEndpoint(options.endpoints ?? [], request)) ?? unrouted(options, request.method);
}

/** Nobody answers at this path: adapters let their host go on, others send this 404. */
function unrouted({ services, basePath }: FetchHandlerOptions, method: string): Response {
  const { code, status, message } = new BackendError(CORE_ERRORS.routeNotFound);
  const hint = `Below where this backend is mounted there are: ${services.filter(({ takesHost }) => takesHost === undefined).map(({ prefix }) => basePath + prefix).join(", ")}.`;
  const body = method === "HEAD" ? null : JSON.stringify({ code, details: null, hint, message });
  return markUnrouted(reply(body, { status, headers: { "content-type": "application/json; charset=utf-8" } }));
}
