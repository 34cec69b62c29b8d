import type { BackendOptions, DefaultProjectOptions, JwtSettings, RestOptions } from "plinth";

/** PostgREST's configuration as it prints it: names with dashes. https://docs.postgrest.org/en/stable/references/configuration.html */
export type PostgrestConfig = Readonly<Record<string, unknown>>;

const REST_NAMES: Readonly<Record<string, keyof RestOptions>> = {
  "db-schemas": "schemas",
  "db-extra-search-path": "extraSearchPath",
  "db-max-rows": "maxRows",
  "db-aggregates-enabled": "aggregatesEnabled",
  "db-plan-enabled": "planEnabled",
  "db-pre-request": "preRequest",
  "db-root-spec": "rootSpec",
  "db-tx-end": "txEnd",
  "openapi-mode": "openapiMode",
  "openapi-security-active": "openapiSecurityActive",
  "openapi-server-proxy-uri": "openapiServerProxyUri",
  "server-trace-header": "serverTraceHeader",
  "server-timing-enabled": "serverTimingEnabled",
  "url-use-legacy-target-names": "urlUseLegacyTargetNames",
  "client-error-verbosity": "clientErrorVerbosity",
};

/**
 * The options under which Plinth serves `databaseUrl` as PostgREST would with `config`; undefined: an embedded
 * database in memory.
 */
export function optionsOfPostgrest(config: PostgrestConfig, databaseUrl: string | undefined): BackendOptions {
  const origins = config["server-cors-allowed-origins"] as string[] | null;
  return {
    inMemory: true,
    databaseUrl: false,
    requireApiKey: false,
    project: {
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
      ...keys(config["jwt-secret"] as string | null),
      roles: { anon: (config["db-anon-role"] as string | null) ?? "postgrest_test_anonymous" },
      settings: { jwt: jwtSettings(config) },
      ...(config["jwt-aud"] ? { jwtAudience: config["jwt-aud"] as string } : {}),
    },
    pool: { maxConnectionsPerProject: (config["db-pool-size"] as number | undefined) ?? 10, preparedStatements: config["db-prepared-statements"] !== false },
    cors: origins?.length ? { origins } : {},
    rest: { ...restOptions(config), appSettings: appSettings(config) },
  };
}

function jwtSettings(config: PostgrestConfig): JwtSettings {
  return {
    roleClaimKey: (config["jwt-role-claim-key"] as string | null) ?? undefined,
    secretIsBase64: config["jwt-secret-is-base64"] === true,
    // Where no secret is given, a project is made one.
    secretEnabled: typeof config["jwt-secret"] === "string" && !config["jwt-secret"].startsWith("{"),
    anonymousAccess: config["db-anon-role"] !== null,
  };
}

/** A secret is an HS256 one, or a key, or a set of keys, as JSON. */
function keys(secret: string | null): Pick<DefaultProjectOptions, "jwtSecret" | "jwks"> {
  if (secret === null) return {};
  if (!secret.startsWith("{")) return { jwtSecret: secret };
  const parsed = JSON.parse(secret) as { keys?: Array<Record<string, unknown>> };
  return { jwks: { keys: parsed.keys ?? [parsed as Record<string, unknown>] } };
}

function restOptions(config: PostgrestConfig): RestOptions {
  const given = Object.entries(REST_NAMES).filter(([name]) => config[name] !== null && config[name] !== undefined);
  return Object.fromEntries(given.map(([name, option]) => [option, config[name]]));
}

function appSettings(config: PostgrestConfig): Record<string, string> {
  const given = Object.entries(config).filter(([name]) => name.startsWith("app.settings."));
  return Object.fromEntries(given.map(([name, value]) => [name.slice("app.settings.".length), String(value)]));
}
