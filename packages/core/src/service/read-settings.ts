import type { z } from "zod";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";

/** What a service is told: by the backend's options, and by a project's settings, which go before them. */
export interface GivenSettings {
  readonly options: unknown;
  /** Undefined: the project says nothing. */
  readonly own?: unknown;
}

/**
 * A service's settings for one project: the backend's, and over them the project's own, group by group.
 * @param service name of the service, below which they are
 * @throws BackendError PLINTH_CONFIG_INVALID naming each setting that is wrong, and where it was said
 */
export function readSettings<T>(service: string, schema: z.ZodType<T>, { options, own }: GivenSettings): T {
  const parsed = schema.safeParse(merge(merge({}, options), own));
  if (parsed.success) return parsed.data;
  const endings = settingProblems(parsed.error);
  // The backend's are read first, alone: beside a project's they are right.
  throw own === undefined ? invalidOptions(service, endings) : invalidOwnSettings(service, endings);
}

/** What is wrong with settings, each with its path: `.smtp.port: must be a number`. */
export const settingProblems = (error: z.ZodError): readonly string[] => error.issues.map(({ path, message }) => `${path.map((part) => `.${String(part)}`).join("")}: ${message}`);

/** @param where name of the service, or of an option; each ending goes on from it */
export const invalidOptions = (where: string, endings: readonly string[]): BackendError => invalid(CORE_ERRORS.configInvalid.message, where, endings);

/** @param service its name; each ending goes on from it */
export const invalidOwnSettings = (service: string, endings: readonly string[]): BackendError => invalid("The project's settings are not valid.", `settings.${service}`, endings);

function invalid(message: string, where: string, endings: readonly string[]): BackendError {
  const problems = endings.map((ending) => where + ending);
  return new BackendError(CORE_ERRORS.configInvalid, { message: `${message} ${problems.join("; ")}`, details: problems });
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
