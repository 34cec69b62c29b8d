import { BackendError, CORE_ERRORS } from "@plinth/core";
import { type StorageConfig, storageOptionsSchema } from "./storage-options.ts";

/**
 * The settings of one project: the backend's, and over them the project's own.
 * @throws BackendError PLINTH_CONFIG_INVALID naming each setting that is wrong
 */
export function readStorageConfig(options: unknown, own?: unknown): StorageConfig {
  const given = [options, own].filter((layer) => layer !== undefined);
  const wrong = given.find((layer) => typeof layer !== "object" || layer === null || Array.isArray(layer));
  const parsed = storageOptionsSchema.safeParse(wrong === undefined ? given.reduce(merge, {}) : wrong);
  if (parsed.success) return parsed.data;
  // The backend's are read first, alone: beside a project's they are right.
  const [where, message] = own === undefined ? ["storage", CORE_ERRORS.configInvalid.message] : ["settings.storage", "The project's settings are not valid."];
  const problems = parsed.error.issues.map(({ path, message: problem }) => `${where}${path.map((part) => `.${String(part)}`).join("")}: ${problem}`);
  throw new BackendError(CORE_ERRORS.configInvalid, { message: `${message} ${problems.join("; ")}`, details: problems });
}

/** A group of settings is not replaced as a whole by one that says less. */
function merge(before: unknown, own: unknown): unknown {
  const [into, from] = [before as Settings, own as Settings];
  return { ...into, ...Object.fromEntries(Object.entries(from).map(([name, value]) => [name, isGroup(value) && isGroup(into[name]) ? { ...into[name], ...value } : value])) };
}

type Settings = Readonly<Record<string, unknown>>;

const isGroup = (value: unknown): value is Settings => typeof value === "object" && value !== null && !Array.isArray(value);
