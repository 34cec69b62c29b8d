import type { RestConfig } from "../config/rest-config.ts";
import type { ApiRequest } from "../request/api-request.ts";
import type { SchemaCache } from "../schema-cache/schema-cache.ts";

/** What a plan is made from. */
export interface PlanContext {
  readonly request: ApiRequest;
  readonly cache: SchemaCache;
  readonly config: RestConfig;
}
