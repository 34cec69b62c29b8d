import { HostProjects } from "@plinth/core";
import type { BackendConfig } from "../config/backend-config.ts";
import type { Platform } from "./open-platform.ts";

/** Milliseconds. Changes are heard of sooner; this is for what went unheard. */
const REFRESH_AFTER = 30_000;
/** Milliseconds, while changes can't be heard of. */
const DEAF_REFRESH_AFTER = 1_000;

/** Which projects hosts name, kept up to date with changes of projects. */
export function hostProjects({ domains, databaseUrl }: BackendConfig, { controlPlane, metadata }: Platform): HostProjects {
  // Nobody but this process changes embedded metadata, which sleeps while it isn't needed.
  const refreshAfterMs = databaseUrl ? () => (controlPlane.hearsChanges() ? REFRESH_AFTER : DEAF_REFRESH_AFTER) : () => Infinity;
  const hosts = new HostProjects({ db: metadata.db, base: domains.base, sites: domains.assets, refreshAfterMs });
  controlPlane.onChange((ref) => hosts.forget(ref));
  controlPlane.onMissed(() => hosts.forget(undefined));
  // The metadata is awake just now. Where it can't be asked, the first request that has to know asks again.
  hosts.prepare().catch(() => undefined);
  return hosts;
}
