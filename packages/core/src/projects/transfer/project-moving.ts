import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";

const RETRY_AFTER_SECONDS = "5";

/** What those get who ask for a project that is on its way. */
export const projectMoving = (ref: string): BackendError =>
  new BackendError(CORE_ERRORS.projectMoving, { details: `The project "${ref}" is moving.`, headers: { "Retry-After": RETRY_AFTER_SECONDS } });
