import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { ProjectSettings } from "../projects/project.ts";
import type { Service } from "./service.ts";

/**
 * Has each service check what a project's settings say to it; what is for no service is a mistake.
 * @throws BackendError PLINTH_CONFIG_INVALID
 */
export function checkSettings(services: readonly Service[], settings: ProjectSettings): void {
  for (const [name, value] of Object.entries(settings)) {
    const service = services.find((candidate) => candidate.name === name);
    if (!service?.checkSettings) {
      const known = services.filter((candidate) => candidate.checkSettings).map((candidate) => candidate.name);
      throw new BackendError(CORE_ERRORS.configInvalid, { message: `settings.${name}: there is no service of this name that has settings.`, hint: `Services with settings: ${known.join(", ")}.` });
    }
    service.checkSettings(value);
  }
}
