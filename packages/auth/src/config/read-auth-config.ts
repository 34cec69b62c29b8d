import { BackendError, CORE_ERRORS } from "@plinth/core";
import type { z } from "zod";
import { type AuthConfig, authOptionsSchema } from "./auth-options.ts";

/**
 * The settings of one project: the backend's, and over them the project's own, group by group.
 * @throws BackendError PLINTH_CONFIG_INVALID naming each setting that is wrong
 */
export function readAuthConfig(...layers: readonly unknown[]): AuthConfig {
  const parsed = authOptionsSchema.safeParse(layers.reduce<unknown>((merged, layer) => merge(merged, layer), {}));
  if (!parsed.success) throw invalid(parsed.error, layers[1] === undefined ? THE_BACKENDS : A_PROJECTS);
  return parsed.data;
}

interface Given {
  readonly path: string;
  readonly message: string;
}

/** The backend's are read first, alone: beside a project's they are right. */
const THE_BACKENDS: Given = { path: "auth", message: CORE_ERRORS.configInvalid.message };
const A_PROJECTS: Given = { path: "settings.auth", message: "The project's settings are not valid." };

/**
 * As above, of a project's settings before they are stored.
 * @throws BackendError PLINTH_CONFIG_INVALID
 */
export function checkOwnSettings(options: unknown, own: unknown): void {
  readAuthConfig(options, own);
  if (isObject(own) && own["outbound"] !== undefined) throw wrong(A_PROJECTS, [".outbound: is said for all projects alone, in createBackend({ auth: { outbound } })"]);
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

function invalid(error: z.ZodError, given: Given): BackendError {
  return wrong(given, error.issues.map(({ path, message }) => `${path.map((part) => `.${String(part)}`).join("")}: ${message}`));
}

function wrong({ path, message }: Given, endings: readonly string[]): BackendError {
  const problems = endings.map((ending) => path + ending);
  return new BackendError(CORE_ERRORS.configInvalid, { message: `${message} ${problems.join("; ")}`, details: problems });
}
