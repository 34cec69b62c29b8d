import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import { checkJwtSettings } from "../keys/jwt-settings.ts";
import { checkLimits } from "../limits/project-limits.ts";
import type { ProjectSettings } from "../projects/project.ts";
import type { Service } from "./service.ts";

/** Settings that are no service's. */
const CORE_SETTINGS: Readonly<Record<string, (value: unknown) => void>> = { limits: checkLimits, jwt: checkJwtSettings };

/**
 * Has each service check what a project's settings say to it, and checks those for all services (`limits`); what is for
 * nobody is a mistake.
 * @throws BackendError PLINTH_CONFIG_INVALID
 */
export function checkSettings(services: readonly Service[], settings: ProjectSettings): void {
  for (const [name, value] of Object.entries(settings)) {
    const service = services.find((candidate) => candidate.name === name);
    const check = Object.hasOwn(CORE_SETTINGS, name) ? CORE_SETTINGS[name] : service?.checkSettings;
    if (check === undefined) {
      const known = [...Object.keys(CORE_SETTINGS), ...services.filter((candidate) => candidate.checkSettings).map((candidate) => candidate.name)];
      throw new BackendError(CORE_ERRORS.configInvalid, { message: `settings.${name}: there is no service of this name that has settings.`, hint: `There are settings for: ${known.join(", ")}.` });
    }
    check.call(service, value);
  }
}
