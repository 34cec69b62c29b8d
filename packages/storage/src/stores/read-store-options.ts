import { invalidOptions, settingProblems } from "@plinth/core";
import { type ObjectStoreOptions, objectStoreOptionsSchema } from "./store-options.ts";

/** @throws BackendError PLINTH_CONFIG_INVALID naming each setting that is wrong */
export function readStoreOptions(given: unknown): ObjectStoreOptions {
  const parsed = objectStoreOptionsSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw invalidOptions("storage.store", settingProblems(parsed.error));
}
