import { BackendError, CORE_ERRORS } from "@plinth/core";
import { type AssetsConfig, assetsOptionsSchema } from "./assets-options.ts";

/**
 * The settings of one project: the backend's, and over them the project's own.
 * @throws BackendError PLINTH_CONFIG_INVALID naming each setting that is wrong
 */
export function readAssetsConfig(options: unknown, own?: unknown): AssetsConfig {
  const given = [options, own].filter((layer) => layer !== undefined);
  const wrong = given.find((layer) => typeof layer !== "object" || layer === null || Array.isArray(layer));
  const parsed = assetsOptionsSchema.safeParse(wrong === undefined ? Object.assign({}, ...given) : wrong);
  if (parsed.success) return parsed.data;
  const [where, message] = own === undefined ? ["assets", CORE_ERRORS.configInvalid.message] : ["settings.assets", "The project's settings are not valid."];
  const problems = parsed.error.issues.map(({ path, message: problem }) => `${where}${path.map((part) => `.${String(part)}`).join("")}: ${problem}`);
  throw new BackendError(CORE_ERRORS.configInvalid, { message: `${message} ${problems.join("; ")}`, details: problems });
}
