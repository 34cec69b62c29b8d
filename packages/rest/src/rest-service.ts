import { BackendError, type ErrorContext, type RequestContext, type Service } from "@plinth/core";
import type { RestConfig } from "./config/rest-config.ts";
import { renderError } from "./errors/render-error.ts";
import { execute } from "./execute/execute.ts";
import { transactionScope } from "./execute/transaction-scope.ts";
import { inspectSchema } from "./inspect-schema.ts";
import { KnownRequests } from "./known-requests/known-requests.ts";
import type { PreparedRequest } from "./known-requests/prepared-request.ts";
import { operation } from "./operation.ts";
import { type ApiRequestInput, parseApiRequest } from "./request/parse-api-request.ts";
import { readBody } from "./request/read-body.ts";
import { infoResponse } from "./response/info-response.ts";
import type { ResponseContext } from "./response/response-context.ts";
import { toResponse } from "./response/to-response.ts";
import { withTraceHeader } from "./response/trace-header.ts";
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

/** Answered without a wait for a body. */
const READS: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** PostgREST's API at `/rest/v1`. */
export function createRestService(options: RestServiceOptions): Service {
  const requests = new KnownRequests();
  const tenantRest = createTenantRest(options.config, options.onError ?? (() => undefined));
  return {
    name: "rest",
    prefix: "/rest/v1",
    databaseSetup: DDL_NOTIFY_SETUP,
    handle: (context) => handle(context, context.tenant.state(tenantRest), options.maxBodyBytes, requests),
    operation,
    checkSettings: (settings) => void readSettings(settings),
    renderError: (error, context) => {
      const config = context.tenant?.state(tenantRest).config ?? options.config;
      return withTraceHeader(renderError(error, renderOptions(context, config)), context.request, config);
    },
  };
}

async function handle(context: RequestContext, { config, schemaCache, maxBodyBytes, statementTimeoutMs: statementLimitMs }: TenantRest, allMaxBodyBytes: number, requests: KnownRequests): Promise<Response> {
  const { request: http, timing } = context;
  const body = READS.has(http.method) ? undefined : await readBody(http, maxBodyBytes ?? allMaxBodyBytes);
  const input: ApiRequestInput = { method: http.method, path: context.path, query: context.query, headers: http.headers, body };
  const preparing = prepareWith(schemaCache, input, config, (cache) => requests.prepare(input, cache, config, (stage) => timing.mark(stage)));
  const prepared = preparing instanceof Promise ? await preparing : preparing;
  const response: ResponseContext = { request: prepared.request, config, timing };
  const scope = () => transactionScope(context.caller, prepared.request, prepared.plan, config, { roleSettings: schemaCache.settingsOf(context.caller.role), statementLimitMs, signal: http.signal });
  if (prepared.query === undefined) {
    return prepared.plan.kind === "inspect" ? inspectSchema(prepared.plan, context, scope(), await schemaCache.get(), response) : infoResponse(prepared.plan, response);
  }
  const result = await execute(context.tenant, scope(), prepared.request, prepared.plan, prepared.query, config);
  timing.mark("transaction");
  return toResponse(prepared.plan, result, response);
}

type Prepare = (cache: SchemaCache) => PreparedRequest;

/** A promise only where the schema cache has to be loaded or asked about, or may be about to know what it doesn't. */
function prepareWith(schemaCache: LiveSchemaCache, input: ApiRequestInput, config: RestConfig, prepare: Prepare): PreparedRequest | Promise<PreparedRequest> {
  const cache = schemaCache.current();
  if (cache) return prepareFrom(cache, schemaCache, prepare);
  // What is wrong whatever the schema is told without it.
  parseApiRequest(input, config);
  return schemaCache.get().then((loaded) => prepareFrom(loaded, schemaCache, prepare));
}

/** Whoever has just made a table may ask for it sooner than the news of it has arrived here. */
function prepareFrom(cache: SchemaCache, schemaCache: LiveSchemaCache, prepare: Prepare): PreparedRequest | Promise<PreparedRequest> {
  try {
    return prepare(cache);
  } catch (error) {
    if (!(error instanceof BackendError) || !error.code.startsWith("PGRST2")) throw error;
    return prepareFromNewer(schemaCache, prepare, error);
  }
}

async function prepareFromNewer(schemaCache: LiveSchemaCache, prepare: Prepare, error: BackendError): Promise<PreparedRequest> {
  const newer = await schemaCache.newer();
  if (!newer) throw error;
  return prepare(newer);
}

function renderOptions({ request, caller }: ErrorContext, config: RestConfig) {
  return { authenticated: caller?.authenticated ?? false, headersOnly: request.method === "HEAD", verbosity: config.clientErrorVerbosity };
}
