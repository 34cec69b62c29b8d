import { CORE_ERRORS, BackendError, type RequestErrorContext } from "@plinth/core";
import type { AuthOptions } from "@plinth/auth";
import { restConfigSchema } from "@plinth/rest";
import { z } from "zod";
import type { BackendOptions } from "./backend-options.ts";
import { assetsOptionsSchema } from "./assets-options.ts";
import { clustersOptionsSchema, placementOptionSchema } from "./clusters-options.ts";
import { domainsOptionsSchema } from "./domains-options.ts";
import { masterKeyOptions, readMasterKeys } from "./keys-options.ts";
import { jobsOptionsSchema } from "./jobs-options.ts";
import { limitsOptionsSchema } from "./limits-options.ts";
import { observabilityOptions } from "./observability-options.ts";
import { poolOptionsSchema } from "./pool-options.ts";
import { projectMigrationsSchema } from "./project-migrations-options.ts";
import { projectsOptionsSchema } from "./projects-options.ts";
import { storageOptionsSchema } from "./storage-options.ts";

const MIB = 1024 * 1024;

const postgresUrl = z.string().regex(/^postgres(ql)?:\/\//, "must be a URL that begins with postgres:// or postgresql://");
const ref = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, "must be 1 to 40 lower-case letters, digits and dashes, beginning with a letter");
const functionOf = <T>() => z.custom<T>((value) => typeof value === "function", "must be a function");

const projectSchema = z.strictObject({
  ref: ref.default("default"),
  name: z.string().min(1).optional(),
  databaseUrl: postgresUrl.optional(),
  ownerUrl: postgresUrl.optional(),
  poolerUrl: postgresUrl.optional(),
  settings: z.record(z.string(), z.unknown()).optional(),
  jwtSecret: z.string().min(32, "must have 32 characters at least").optional(),
  jwks: z.strictObject({ url: z.url().optional(), keys: z.array(z.record(z.string(), z.unknown())).optional() }).optional(),
  jwtAudience: z.string().optional(),
  roles: z.strictObject({ anon: z.string().optional(), authenticated: z.string().optional(), service: z.string().optional() }).optional(),
});

const corsSchema = z.strictObject({
  origins: z.union([z.literal("*"), z.array(z.string()), functionOf<(origin: string) => boolean>()]).optional(),
  credentials: z.boolean().optional(),
  maxAge: z.number().int().min(0).optional(),
  exposedHeaders: z.array(z.string()).optional(),
});

const schema = z.strictObject({
  dataDirectory: z.string().min(1),
  inMemory: z.boolean().default(false),
  databaseUrl: z.union([postgresUrl, z.literal(false)]).optional(),
  ...masterKeyOptions,
  basePath: z.string().regex(/^(\/[^/?#]+)*$/, 'must be "" or begin with "/" and not end with one').default(""),
  project: z.union([projectSchema, z.literal(false)]).prefault({}),
  migrations: z.string().optional(),
  projectMigrations: projectMigrationsSchema,
  requireApiKey: z.boolean().default(true),
  maxBodyBytes: z.number().int().positive().default(10 * MIB),
  rest: restConfigSchema.prefault({}),
  // Checked by the service, which merges it with each project's own.
  auth: z.custom<AuthOptions>((value) => typeof value === "object" && value !== null).default({}),
  storage: storageOptionsSchema,
  assets: assetsOptionsSchema,
  cors: corsSchema.default({}),
  pool: poolOptionsSchema,
  statementTimeoutMs: z.number().int().positive().default(30_000),
  onError: functionOf<OnError>().optional(),
  clusters: clustersOptionsSchema,
  placement: placementOptionSchema,
  projects: projectsOptionsSchema,
  domains: domainsOptionsSchema,
  limits: limitsOptionsSchema,
  jobs: jobsOptionsSchema,
  ...observabilityOptions,
});

type OnError = (error: unknown, request?: Request, context?: RequestErrorContext) => void;

type CheckedOptions = z.output<typeof schema>;

/** The options with every default in its place, frozen. */
export type BackendConfig = Readonly<Omit<CheckedOptions, "onError"> & { onError: OnError }>;

/** Errors are told to the logger, where there is one. */
function errorListener({ onError, logger }: CheckedOptions): OnError {
  if (onError !== undefined) return onError;
  if (logger === undefined) return (error) => console.error(error);
  return (err, _request, context) => logger.error({ ...context, err }, "error");
}

/** The environment variables that stand in for options. This is the one place that reads them. */
function fromEnvironment(env: NodeJS.ProcessEnv): BackendOptions {
  return {
    dataDirectory: env.PLINTH_DATA || "./.plinth",
    ...(env.DATABASE_URL ? { databaseUrl: env.DATABASE_URL } : {}),
    ...(env.PLINTH_MASTER_KEY ? { masterKey: env.PLINTH_MASTER_KEY } : {}),
    ...(env.PLINTH_PREVIOUS_MASTER_KEYS ? { previousMasterKeys: readMasterKeys(env.PLINTH_PREVIOUS_MASTER_KEYS) } : {}),
  };
}

/**
 * Checks the options and fills in what they leave open: from the environment, then the defaults.
 * @throws BackendError PLINTH_CONFIG_INVALID, naming each option that is wrong
 */
export function readConfig(options: BackendOptions, env: NodeJS.ProcessEnv): BackendConfig {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const withEnvironment = { ...fromEnvironment(env), ...given };
  if (env.PLINTH_JWT_SECRET && withEnvironment.project !== false) {
    withEnvironment.project = { jwtSecret: env.PLINTH_JWT_SECRET, ...withEnvironment.project };
  }
  const parsed = schema.safeParse(withEnvironment);
  if (!parsed.success) throw invalid(parsed.error);
  return deepFreeze({ ...parsed.data, onError: errorListener(parsed.data) });
}

type Issue = z.core.$ZodIssue;

/** Of an option that may be one thing or another, what is wrong by the alternative that went furthest. */
function innermost(issue: Issue): readonly Issue[] {
  if (issue.code !== "invalid_union") return [issue];
  const deepest = issue.errors.toSorted((a, b) => depth(b) - depth(a))[0] ?? [];
  if (depth(deepest) === 0) return [issue];
  return deepest.flatMap((inner) => innermost({ ...inner, path: [...issue.path, ...inner.path] }));
}

const depth = (issues: readonly Issue[]): number => Math.max(0, ...issues.map(({ path }) => path.length));

function invalid(error: z.ZodError): BackendError {
  const problems = error.issues.flatMap(innermost).map((issue) => `${issue.path.join(".") || "options"}: ${issue.message}`);
  return new BackendError(CORE_ERRORS.configInvalid, { message: `${CORE_ERRORS.configInvalid.message} ${problems.join("; ")}`, details: problems });
}

/** Settings alone: a store, bucket or logger of the host's own is not ours to freeze. */
function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && isPlain(value) && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}

const isPlain = (value: object): boolean => Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
