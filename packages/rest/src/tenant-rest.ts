import type { Tenant, TenantStateKey } from "@plinth/core";
import type { RestConfig } from "./config/rest-config.ts";
import { readRestConfig, restOptionsSchema } from "./config/rest-options.ts";
import { LiveSchemaCache } from "./schema-cache/live-schema-cache.ts";

/** What the REST service keeps of a tenant as long as it is open. */
export interface TenantRest {
  readonly config: RestConfig;
  readonly schemaCache: LiveSchemaCache;
}

/** @param config for projects whose `settings.rest` doesn't say otherwise */
export function createTenantRest(config: RestConfig): TenantStateKey<TenantRest> {
  return {
    name: "rest",
    create: (tenant) => {
      const own = ownConfig(tenant, config);
      return { config: own, schemaCache: new LiveSchemaCache(tenant, own) };
    },
    dispose: ({ schemaCache }) => schemaCache.dispose(),
  };
}

/** A project's settings are checked when they are written; here they only go before the backend's. */
function ownConfig({ project }: Tenant, config: RestConfig): RestConfig {
  const settings = project.settings["rest"];
  if (settings === undefined) return config;
  const given = restOptionsSchema.partial().parse(settings);
  const chosen = Object.keys(settings as object);
  const own = readRestConfig(given);
  return { ...config, ...Object.fromEntries(Object.entries(own).filter(([name]) => chosen.includes(name))) };
}
