import { z } from "zod";
import { BackendError, type ErrorDefinition } from "../errors/backend-error.ts";
import type { JobDefinition } from "./define-job.ts";
import { JOB_ERRORS } from "./errors.ts";
import { DEFAULT_MAX_ATTEMPTS } from "./work/back-off.ts";

/** Milliseconds that ended jobs are kept whose definition doesn't say. */
export const KEEP_MS = 86_400_000;

export const attemptsOf = ({ retries }: Pick<JobDefinition, "retries">): number => retries?.maxAttempts ?? DEFAULT_MAX_ATTEMPTS;

const text = z.string().min(1).max(500).refine((value) => !value.includes("\0"), "must not hold the character U+0000");
const maxAttempts = z.number().int().min(1).max(1_000).optional();
const priority = z.number().int().min(-1_000).max(1_000).default(0);
const queue = text.max(100).optional();

export const ADD_OPTIONS = z.strictObject({
  runAt: z.date().optional(),
  dedupeKey: text.optional(),
  mode: z.enum(["replace", "preserve"]).default("replace"),
  maxAttempts,
  queue,
  priority,
  projectRef: text.optional(),
});

const status = z.enum(["pending", "running", "succeeded", "failed", "cancelled"]);

export const LIST_OPTIONS = z.strictObject({
  status: z.union([status, z.array(status)]).optional(),
  name: text.optional(),
  projectRef: text.optional(),
  queue,
  limit: z.number().int().min(1).max(1_000).optional(),
  after: z.string().regex(/^\d{1,18}$/, "must be what the page before gave").optional(),
});

export const DEAD_LETTER_FILTER = z.strictObject({ name: text.optional(), projectRef: text.optional() });

export const SCHEDULE_OPTIONS = z.strictObject({
  name: text.max(200).optional(),
  cron: text,
  timeZone: text.default("UTC"),
  payload: z.unknown(),
  backfill: z.enum(["none", "last", "all"]).default("none"),
  maxAttempts,
  queue,
  priority,
  projectRef: text.optional(),
});

/** @throws BackendError PLINTH_JOB_OPTIONS_INVALID, or the one given, naming each option that is wrong */
export function checked<Schema extends z.ZodType>(schema: Schema, options: unknown, definition: ErrorDefinition = JOB_ERRORS.jobOptionsInvalid): z.output<Schema> {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".") || "options"}: ${issue.message}`);
  throw new BackendError(definition, { message: `${definition.message} ${problems.join("; ")}`, details: problems });
}
