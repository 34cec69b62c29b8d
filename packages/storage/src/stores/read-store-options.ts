import { BackendError, CORE_ERRORS } from "@plinth/core";
import { type ObjectStoreOptions, objectStoreOptionsSchema } from "./store-options.ts";

/** @throws BackendError PLINTH_CONFIG_INVALID naming each setting that is wrong */
export function readStoreOptions(given: unknown): ObjectStoreOptions {
  const parsed = objectStoreOptionsSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `storage.store${path.map((part) => `.${String(part)}`).join("")}: ${message}`);
  throw new BackendError(CORE_ERRORS.configInvalid, { message: `${CORE_ERRORS.configInvalid.message} ${problems.join("; ")}`, details: problems });
}
