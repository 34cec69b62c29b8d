import type { Logger } from "@plinth/core";
import { z } from "zod";

/** Which requests are logged, and how. */
export type RequestLogging = "debug" | "info" | false;

export interface HealthOptions {
  /** Answered are `<path>/live` and `<path>/ready`, below the base path. Default: "/health". */
  readonly path?: string;
}

export interface MetricsOptions {
  /** Where metrics are answered in Prometheus' text form, below the base path. Default: nowhere; "/metrics" where there is a token. */
  readonly path?: string;
  /** What a scraper must send as Bearer token, 16 characters at least. Without one whoever reaches the path can read them. */
  readonly token?: string;
  /** Projects whose requests are counted one by one, the first so many that have any. Default: 0. */
  readonly projects?: number;
}

const METHODS = ["debug", "info", "warn", "error", "child"] as const;

const isLogger = (value: unknown): value is Logger => typeof value === "object" && value !== null && METHODS.every((name) => typeof Reflect.get(value, name) === "function");

/** The configuration is frozen, and a logger is not ours to freeze. */
const calling = (logger: Logger): Logger => ({
  debug: (fields, message) => logger.debug(fields, message),
  info: (fields, message) => logger.info(fields, message),
  warn: (fields, message) => logger.warn(fields, message),
  error: (fields, message) => logger.error(fields, message),
  child: (bindings) => calling(logger.child(bindings)),
});

const path = z.string().regex(/^(\/[^/?#]+)+$/, 'must begin with "/" and not end with one');

export const observabilityOptions = {
  logger: z.custom<Logger>(isLogger, `must have the methods ${METHODS.join(", ")}`).transform(calling).optional(),
  logRequests: z.union([z.literal("debug"), z.literal("info"), z.literal(false)]).default("info"),
  tracing: z.boolean().default(true),
  health: z.union([z.strictObject({ path: path.default("/health") }), z.literal(false)]).prefault({}),
  metrics: z.strictObject({ path: path.optional(), token: z.string().min(16, "must have 16 characters at least").optional(), projects: z.number().int().min(0).default(0) }).prefault({}),
};
