import { z } from "zod";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";

const count = z.number().int().positive();
/** `setTimeout` and PostgreSQL's integers end there. */
const milliseconds = z.number().int().positive().max(2_147_483_647);

/** How many requests a project may have. These have defaults for all projects, the backend's option `limits`. */
const requestShape = {
  requestsPerSecond: z.number().positive().max(1_000_000).nullable().optional(),
  burst: count.optional(),
  concurrentRequests: count.nullable().optional(),
  waitingRequests: z.number().int().min(0).optional(),
  waitTimeoutMs: milliseconds.optional(),
};

/** What one request may take. Their defaults are the backend's options of the same names, and `rest.maxRows`. */
const sizeShape = {
  statementTimeoutMs: milliseconds.optional(),
  maxRows: z.number().int().min(0).optional(),
  maxBodyBytes: count.optional(),
};

export const requestLimitsSchema = z.strictObject(requestShape);
const projectLimitsSchema = z.strictObject({ ...requestShape, ...sizeShape });

/** How many requests a project may have, in one process. */
export interface RequestLimits {
  /** Requests a second in the long run; may be a fraction. Null: any number. Default: null. */
  readonly requestsPerSecond?: number | null | undefined;
  /** Requests that may come at once, after a pause. Default: two seconds' worth, one at least. */
  readonly burst?: number | undefined;
  /** Requests answered at the same time; more wait for their turn. Null: any number. Default: 100. */
  readonly concurrentRequests?: number | null | undefined;
  /** Requests that wait at most; more are refused with 503. Default: 1,000. */
  readonly waitingRequests?: number | undefined;
  /** Longest that a request waits, in milliseconds; then it is refused with 503. Default: 10,000. */
  readonly waitTimeoutMs?: number | undefined;
}

/** A project's `settings.limits`. What is left out is as it is for all projects. */
export interface ProjectLimits extends RequestLimits {
  /** How long a statement may run, in milliseconds. */
  readonly statementTimeoutMs?: number | undefined;
  /** Rows of one answer at most, where `rest.maxRows` doesn't allow fewer. */
  readonly maxRows?: number | undefined;
  /** Largest request body, in bytes. */
  readonly maxBodyBytes?: number | undefined;
}

/** @throws BackendError PLINTH_CONFIG_INVALID naming each limit that is wrong */
export function checkLimits(limits: unknown): void {
  const parsed = projectLimitsSchema.safeParse(limits);
  if (parsed.success) return;
  const problems = parsed.error.issues.map(({ path, message }) => `settings.${["limits", ...path].join(".")}: ${message}`);
  throw new BackendError(CORE_ERRORS.configInvalid, { message: problems.join("; "), details: problems });
}

/** What a project's settings say of its limits. Settings that were stored by another version and don't hold say nothing. */
export function limitsOf({ settings }: { readonly settings: Readonly<Record<string, unknown>> }): ProjectLimits {
  const limits = settings["limits"];
  return limits === undefined ? NO_LIMITS : (projectLimitsSchema.safeParse(limits).data ?? NO_LIMITS);
}

const NO_LIMITS: ProjectLimits = {};
