import { BackendError, CORE_ERRORS, limitsOf, type Tenant, type TenantStateKey } from "@plinth/core";
import type { RestConfig } from "./config/rest-config.ts";
import { restConfigSchema } from "./config/rest-options.ts";
import { LiveSchemaCache } from "./schema-cache/live-schema-cache.ts";
import type { RoleSettingsSource } from "./schema-cache/roles/load-role-settings.ts";
import { SharedSchemaCaches } from "./schema-cache/shared-schema-caches.ts";

/** What the REST service keeps of a tenant as long as it is open. */
export interface TenantRest {
  readonly config: RestConfig;
  readonly schemaCache: LiveSchemaCache;
  /** The project's own limit, in bytes. */
  readonly maxBodyBytes: number | undefined;
  /** The project's own limit, in milliseconds. */
  readonly statementTimeoutMs: number | undefined;
}

/**
 * @param config for projects whose `settings.rest` doesn't say otherwise
 * @param onError told of schema caches that could not be reloaded
 */
export function createTenantRest(config: RestConfig, onError: (error: unknown) => void): TenantStateKey<TenantRest> {
  const shared = new SharedSchemaCaches();
  return {
    name: "rest",
    create: (tenant) => {
      const { maxRows, maxBodyBytes, statementTimeoutMs } = limitsOf(tenant.project);
      const own = withRowLimit(ownConfig(tenant, config), maxRows);
      const roles = roleSettingsSource(tenant, own, statementTimeoutMs);
      return { config: own, schemaCache: new LiveSchemaCache(tenant, { ...own, onError, shared, roles }), maxBodyBytes, statementTimeoutMs };
    },
    dispose: ({ schemaCache }) => schemaCache.dispose(),
  };
}

/** A project's own settings go before the backend's, setting by setting. */
export function ownConfig({ project }: Pick<Tenant, "project">, config: RestConfig): RestConfig {
  const settings = project.settings["rest"];
  if (typeof settings !== "object" || settings === null) return config;
  const given = Object.entries(readSettings(settings)).filter(([name]) => Object.hasOwn(settings, name));
  return { ...config, ...Object.fromEntries(given) };
}

/** A role may be given settings by whoever acts as it, in any database of the server. */
function roleSettingsSource({ sharesRoles }: Tenant, { roleSettings, roleSettingsFromDatabase }: RestConfig, limitMs: number | undefined): RoleSettingsSource {
  const fromDatabase = roleSettingsFromDatabase === "own" ? !sharesRoles : roleSettingsFromDatabase === "always";
  return { fromDatabase, given: roleSettings, limitMs };
}

/** The smaller one counts. */
function withRowLimit(config: RestConfig, maxRows: number | undefined): RestConfig {
  return maxRows === undefined ? config : { ...config, maxRows: Math.min(maxRows, config.maxRows ?? Infinity) };
}

/** @throws BackendError PLINTH_CONFIG_INVALID naming each setting that is wrong */
export function readSettings(settings: unknown): RestConfig {
  const parsed = restConfigSchema.safeParse(settings);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `settings.${["rest", ...path].join(".")}: ${message}`);
  throw new BackendError(CORE_ERRORS.configInvalid, { message: problems.join("; "), details: problems });
}
