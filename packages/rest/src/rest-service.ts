import { BackendError, type ErrorContext, readBytes, readText, type RequestContext, type Service } from "@plinth/core";
import type { RestConfig } from "./config/rest-config.ts";
import { renderError } from "./errors/render-error.ts";
import { execute } from "./execute/execute.ts";
import { transactionScope } from "./execute/transaction-scope.ts";
import type { ActionPlan } from "./plan/action-plan.ts";
import { planRequest } from "./plan/plan-request.ts";
import { buildQuery } from "./query/build-query.ts";
import { inspectSchema } from "./inspect-schema.ts";
import { operation } from "./operation.ts";
import type { ApiRequest } from "./request/api-request.ts";
import { bodyKind } from "./request/body-kind.ts";
import { parseApiRequest } from "./request/parse-api-request.ts";
import { infoResponse } from "./response/info-response.ts";
import type { ResponseContext } from "./response/response-context.ts";
import { toResponse } from "./response/to-response.ts";
import { DDL_NOTIFY_SETUP } from "./schema-cache/ddl-notify.ts";
import type { LiveSchemaCache } from "./schema-cache/live-schema-cache.ts";
import type { SchemaCache } from "./schema-cache/schema-cache.ts";
import { createTenantRest, readSettings, type TenantRest } from "./tenant-rest.ts";

export interface RestServiceOptions {
  /** For every project; a project's own `settings.rest` goes before it. */
  readonly config: RestConfig;
  /** Largest body accepted, in bytes. */
  readonly maxBodyBytes: number;
  /** Told of what goes wrong apart from any request. Default: nobody is. */
  readonly onError?: (error: unknown) => void;
}

/** PostgREST's API at `/rest/v1`. */
export function createRestService(options: RestServiceOptions): Service {
  const tenantRest = createTenantRest(options.config, options.onError ?? (() => undefined));
  return {
    name: "rest",
    prefix: "/rest/v1",
    databaseSetup: DDL_NOTIFY_SETUP,
    handle: (context) => handle(context, context.tenant.state(tenantRest), options.maxBodyBytes),
    operation,
    checkSettings: (settings) => void readSettings(settings),
    renderError: (error, context) => renderError(error, renderOptions(context, context.tenant?.state(tenantRest).config ?? options.config)),
  };
}

async function handle(context: RequestContext, { config, schemaCache, maxBodyBytes }: TenantRest, allMaxBodyBytes: number): Promise<Response> {
  const { request: http, timing } = context;
  const maxBytes = maxBodyBytes ?? allMaxBodyBytes;
  const kind = bodyKind(http.method, http.headers.get("content-type"));
  const body = kind === "none" ? undefined : kind === "text" ? await readText(http, { maxBytes }) : await readBytes(http, { maxBytes });
  const request = parseApiRequest({ method: http.method, path: context.path, query: context.query, headers: http.headers, body }, config);
  timing.mark("parse");
  const planned = planWith(schemaCache, request, config);
  const plan = planned instanceof Promise ? await planned : planned;
  timing.mark("plan");
  const response: ResponseContext = { request, config, timing };
  if (plan.kind === "relationInfo" || plan.kind === "routineInfo" || plan.kind === "schemaInfo") return infoResponse(plan, response);
  const scope = transactionScope(context.caller, request, plan, config, http.signal);
  if (plan.kind === "inspect") return inspectSchema(plan, context, scope, await schemaCache.get(), response);
  const result = await execute(context.tenant, scope, request, plan, buildQuery(plan, request, config), config);
  timing.mark("transaction");
  return toResponse(plan, result, response);
}

/** A promise only where the schema cache has to be loaded or asked about, or may be about to know what it doesn't. */
function planWith(schemaCache: LiveSchemaCache, request: ApiRequest, config: RestConfig): ActionPlan | Promise<ActionPlan> {
  const cache = schemaCache.current();
  if (!cache) return schemaCache.get().then((loaded) => planFrom(loaded, schemaCache, request, config));
  return planFrom(cache, schemaCache, request, config);
}

/** Whoever has just made a table may ask for it sooner than the news of it has arrived here. */
function planFrom(cache: SchemaCache, schemaCache: LiveSchemaCache, request: ApiRequest, config: RestConfig): ActionPlan | Promise<ActionPlan> {
  try {
    return planRequest(request, cache, config);
  } catch (error) {
    if (!(error instanceof BackendError) || !error.code.startsWith("PGRST2")) throw error;
    return planFromNewer(schemaCache, request, config, error);
  }
}

async function planFromNewer(schemaCache: LiveSchemaCache, request: ApiRequest, config: RestConfig, error: BackendError): Promise<ActionPlan> {
  const newer = await schemaCache.newer();
  if (!newer) throw error;
  return planRequest(request, newer, config);
}

function renderOptions({ request, caller }: ErrorContext, config: RestConfig) {
  return { authenticated: caller?.authenticated ?? false, headersOnly: request.method === "HEAD", verbosity: config.clientErrorVerbosity };
}
