import { BackendError, CORE_ERRORS } from "@plinth/core";
import type { z } from "zod";
import { type AuthConfig, authOptionsSchema } from "./auth-options.ts";

/**
 * The settings of one project: the backend's, and over them the project's own, group by group.
 * @throws BackendError PLINTH_CONFIG_INVALID naming each setting that is wrong
 */
export function readAuthConfig(...layers: readonly unknown[]): AuthConfig {
  const parsed = authOptionsSchema.safeParse(layers.reduce<unknown>((merged, layer) => merge(merged, layer), {}));
  if (!parsed.success) throw invalid(parsed.error);
  return parsed.data;
}

/** Objects are merged; everything else, lists included, replaces what was there. */
function merge(below: unknown, above: unknown): unknown {
  if (above === undefined) return below;
  if (!isObject(below) || !isObject(above)) return above;
  const merged: Record<string, unknown> = { ...below };
  for (const [name, value] of Object.entries(above)) merged[name] = merge(merged[name], value);
  return merged;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null && !Array.isArray(value);

function invalid(error: z.ZodError): BackendError {
  const problems = error.issues.map(({ path, message }) => `auth${path.map((part) => `.${String(part)}`).join("")}: ${message}`);
  return new BackendError(CORE_ERRORS.configInvalid, { message: `${CORE_ERRORS.configInvalid.message} ${problems.join("; ")}`, details: problems });
}
