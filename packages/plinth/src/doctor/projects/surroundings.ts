import type { Metadata, ProjectRow } from "@plinth/core";
import type { Platform } from "../../backend/open-platform.ts";
import type { BackendConfig } from "../../config/backend-config.ts";
import type { Finding } from "../check.ts";

/** What the checks of projects look at. */
export interface Surroundings {
  readonly config: BackendConfig;
  readonly platform: Platform;
  /** Of every project, oldest first. */
  readonly rows: readonly ProjectRow[];
}

export type ProjectsCheck = (surroundings: Surroundings) => Promise<readonly Finding[]>;

/** Somebody is making, moving or deleting the project just now: what is unfinished is not broken off. */
export async function isBusy(metadata: Metadata, ref: string): Promise<boolean> {
  return (await metadata.tryExclusive(`project.${ref}`, async () => true)) === undefined;
}

/** So that a thousand projects with one trouble don't fill the screen. */
const NAMED = 5;

/** e.g. `"acme", "beta" and 3 more`. */
export function named(names: readonly string[]): string {
  const quoted = names.slice(0, NAMED).map((name) => `"${name}"`).join(", ");
  return names.length > NAMED ? `${quoted} and ${names.length - NAMED} more` : quoted;
}
