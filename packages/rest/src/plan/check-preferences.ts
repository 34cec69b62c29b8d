import { invalidPreferences } from "../errors/api-request-errors.ts";
import type { Preferences } from "../request/preferences.ts";

/** @throws BackendError PGRST122 if handling=strict and a preference isn't known */
export function checkPreferences({ handling, invalid }: Preferences): void {
  if (handling === "strict" && invalid.length > 0) throw invalidPreferences(invalid);
}
