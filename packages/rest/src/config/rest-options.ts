import { z } from "zod";
import type { QualifiedIdentifier } from "../schema-cache/identifiers.ts";
import { isFraming, isHeader } from "../response/header-value.ts";
import type { RestConfig } from "./rest-config.ts";

const identifier = z.string().min(1).max(63);

/** "schema.function", or "function" in the public schema. */
const routineName = z.string().min(1).transform((text): QualifiedIdentifier => {
  const dot = text.indexOf(".");
  return dot < 0 ? { schema: "public", name: text } : { schema: text.slice(0, dot), name: text.slice(dot + 1) };
});

/** As which user statements run is not a setting of a role's. */
const NOT_A_ROLES = /^(role|session_authorization)$/i;

const settingName = z.string().regex(/^[A-Za-z_][\w.$]*$/, "must be the name of a setting").refine((name) => !NOT_A_ROLES.test(name), "must not say who statements run as");

const proxyUri = z.url({ protocol: /^https?$/, abort: true }).refine((text) => {
  const { username, password, search } = new URL(text);
  return username === "" && password === "" && search === "";
}, "must have neither a user nor a query");

/** In the planner's units: a page read in order is 1. */
const cost = z.number().positive();

const traceHeader = z.string().refine((name) => isHeader(name, "") && !isFraming(name), "must be the name of a header that is not the connection's");

const schemaList = z.array(identifier).min(1).transform((names) => names as [string, ...string[]]);

/** The schema of the REST options, with Supabase's defaults where they differ from PostgREST's. */
const restOptionsSchema = z.strictObject({
  schemas: schemaList.default(["public"]),
  extraSearchPath: z.array(identifier).default(["public", "extensions"]),
  maxRows: z.number().int().positive().optional(),
  maxCost: z.union([cost, z.record(identifier, cost)]).optional(),
  aggregatesEnabled: z.boolean().default(false),
  planEnabled: z.boolean().default(false),
  preRequest: routineName.optional(),
  rootSpec: routineName.optional(),
  txEnd: z.enum(["commit", "commit-allow-override", "rollback", "rollback-allow-override"]).default("commit"),
  openapiMode: z.enum(["follow-privileges", "ignore-privileges", "disabled"]).default("follow-privileges"),
  openapiSecurityActive: z.boolean().default(false),
  openapiServerProxyUri: proxyUri.optional(),
  serverTraceHeader: traceHeader.optional(),
  serverTimingEnabled: z.boolean().default(false),
  urlUseLegacyTargetNames: z.boolean().default(true),
  clientErrorVerbosity: z.enum(["verbose", "minimal"]).default("verbose"),
  roleSettings: z.record(identifier, z.record(settingName, z.string())).default({}),
  roleSettingsFromDatabase: z.enum(["always", "never", "own"]).default("own"),
  appSettings: z.record(z.string().regex(/^[A-Za-z_][\w.]*$/), z.string()).default({}),
});

/** Options of the REST service as a user writes them: PostgREST's names in camelCase, all optional. */
export type RestOptions = z.input<typeof restOptionsSchema>;

/** Options → RestConfig, every field in its place. */
export const restConfigSchema: z.ZodType<RestConfig, RestOptions> = restOptionsSchema.transform(
  ({ maxRows, maxCost, preRequest, rootSpec, openapiServerProxyUri, serverTraceHeader, ...rest }): RestConfig => ({ ...rest, maxRows, maxCost, preRequest, rootSpec, openapiServerProxyUri, serverTraceHeader }),
);
