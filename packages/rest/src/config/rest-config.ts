import type { QualifiedIdentifier } from "../schema-cache/identifiers.ts";
import type { GivenRoleSettings } from "../schema-cache/roles/role-settings.ts";

/**
 * Options of the REST service. The names are PostgREST's own in camelCase (`db-max-rows` → `maxRows`),
 * so that its documentation applies: https://docs.postgrest.org/en/stable/references/configuration.html
 */
export interface RestConfig {
  /** db-schemas: exposed schemas; the first is the default. */
  readonly schemas: readonly [string, ...string[]];
  /** db-extra-search-path */
  readonly extraSearchPath: readonly string[];
  /** db-max-rows: undefined for no limit. */
  readonly maxRows: number | undefined;
  /**
   * Largest total cost, as the planner estimates it, of a read. A number is for all roles but the service role; else by
   * role, and those that aren't named may read anything. Undefined for no limit.
   */
  readonly maxCost: number | Readonly<Record<string, number>> | undefined;
  /** db-aggregates-enabled */
  readonly aggregatesEnabled: boolean;
  /** db-plan-enabled */
  readonly planEnabled: boolean;
  /** db-pre-request: function called before every request's statement. */
  readonly preRequest: QualifiedIdentifier | undefined;
  /** db-root-spec */
  readonly rootSpec: QualifiedIdentifier | undefined;
  /** db-tx-end */
  readonly txEnd: "commit" | "commit-allow-override" | "rollback" | "rollback-allow-override";
  /** openapi-mode */
  readonly openapiMode: "follow-privileges" | "ignore-privileges" | "disabled";
  /** openapi-security-active */
  readonly openapiSecurityActive: boolean;
  /** openapi-server-proxy-uri */
  readonly openapiServerProxyUri: string | undefined;
  /** server-trace-header: what the request has by this name is sent back. */
  readonly serverTraceHeader: string | undefined;
  /** server-timing-enabled */
  readonly serverTimingEnabled: boolean;
  /** url-use-legacy-target-names */
  readonly urlUseLegacyTargetNames: boolean;
  /** client-error-verbosity */
  readonly clientErrorVerbosity: "verbose" | "minimal";
  /** app.settings.*: readable in SQL as current_setting('app.settings.name'). */
  readonly appSettings: Readonly<Record<string, string>>;
  /** Settings of the roles that requests switch to, by role and name; they go before those that the database has (ALTER ROLE … SET). */
  readonly roleSettings: GivenRoleSettings;
  /** Whether what ALTER ROLE … SET says of a role applies: "own" is yes, save where the roles are shared with other projects' databases. */
  readonly roleSettingsFromDatabase: "always" | "never" | "own";
}
