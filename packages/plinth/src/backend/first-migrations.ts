import { type FirstMigrations, migrate, migrationsChecksum, readMigrations } from "@plinth/core";
import type { BackendConfig } from "../config/backend-config.ts";
import { exemption } from "./exemption.ts";

/** What new projects begin with, besides the services' set-up. */
export function firstMigrations(config: BackendConfig): FirstMigrations | undefined {
  const { projectMigrations: options } = config;
  if (!options?.atCreation) return undefined;
  const isExempt = exemption(config, options.folder);
  return async (owner, ref) => {
    if (isExempt(ref) !== undefined) return undefined;
    const files = await readMigrations(options.folder);
    await migrate(owner, files);
    return migrationsChecksum(files);
  };
}
