import type { RestConfig } from "../../src/config/rest-config.ts";

/** What most tests are configured with; each suite says what it has otherwise. */
export const TEST_CONFIG: RestConfig = {
  schemas: ["public"],
  extraSearchPath: [],
  maxRows: undefined,
  maxCost: undefined,
  aggregatesEnabled: true,
  planEnabled: false,
  preRequest: undefined,
  rootSpec: undefined,
  txEnd: "commit",
  openapiMode: "follow-privileges",
  openapiSecurityActive: false,
  openapiServerProxyUri: undefined,
  serverTraceHeader: undefined,
  serverTimingEnabled: false,
  urlUseLegacyTargetNames: false,
  clientErrorVerbosity: "verbose",
  roleSettings: {},
  roleSettingsFromDatabase: "own",
  appSettings: {},
};
