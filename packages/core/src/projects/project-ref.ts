import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";

const PROJECT_REF = /^[a-z][a-z0-9-]{0,39}$/;

export const isProjectRef = (ref: unknown): ref is string => typeof ref === "string" && PROJECT_REF.test(ref);

/** @throws BackendError PLINTH_PROJECT_REF_INVALID */
export function assertProjectRef(ref: string): void {
  if (isProjectRef(ref)) return;
  throw new BackendError(CORE_ERRORS.projectRefInvalid, { details: `Not a ref: ${JSON.stringify(ref)}` });
}
