import type { TenantStateKey } from "@plinth/core";
import { LiveSchemaCache } from "./live-schema-cache.ts";
import type { LiveSchemaCacheOptions } from "./live-schema-cache.ts";

/**
 * Where the REST service keeps each tenant's schema cache: make it once per service, then `tenant.state(key)`.
 */
export const schemaCacheState = (options: LiveSchemaCacheOptions): TenantStateKey<LiveSchemaCache> => ({
  name: "rest.schema-cache",
  create: (tenant) => new LiveSchemaCache(tenant, options),
  dispose: (live) => live.dispose(),
});
