import { mountPathOf, type RequestContext, type Scope } from "@plinth/core";
import { buildOpenApi } from "./openapi/build-open-api.ts";
import { decodeOpenApi, openApiStatement } from "./openapi/open-api-query.ts";
import type { InspectPlan } from "./plan/action-plan.ts";
import { preRequestStatement } from "./query/build-query.ts";
import { inspectResponse } from "./response/inspect-response.ts";
import type { ResponseContext } from "./response/response-context.ts";
import type { SchemaCache } from "./schema-cache/schema-cache.ts";

/** `GET /`: the OpenAPI document of a schema, with what the caller may see of it. */
export async function inspectSchema(plan: InspectPlan, context: RequestContext, scope: Scope, cache: SchemaCache, response: ResponseContext): Promise<Response> {
  const { config } = response;
  const { openapiMode } = config;
  if (openapiMode === "disabled") return inspectResponse(plan, "", response);
  const preRequest = preRequestStatement(config);
  const statement = openApiStatement(plan.schema, openapiMode);
  const results = await context.tenant.execute(scope, preRequest ? [preRequest, statement] : [statement]);
  context.timing.mark("transaction");
  const contents = decodeOpenApi(results.at(-1), plan.schema, cache);
  const document = buildOpenApi({ cache, ...contents, config, url: apiUrl(context) });
  return inspectResponse(plan, JSON.stringify(document), response);
}

/** The request's URL up to and without the path below the service, as its client knows it. */
function apiUrl({ request, path }: RequestContext): string {
  const url = new URL(request.url);
  const end = url.pathname.endsWith(path) ? url.pathname.length - path.length : url.pathname.length;
  return `${url.origin}${mountPathOf(request)}${url.pathname.slice(0, end) || "/"}`;
}
