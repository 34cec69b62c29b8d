import { createJobQueue, type WorkableJobQueue } from "@plinth/core";
import type { BackendConfig } from "../config/backend-config.ts";
import { builtInJobs } from "./built-in-jobs.ts";
import type { Platform } from "./open-platform.ts";

/** The queue over the metadata database, with what every backend has to do. Opens nothing before it is used. */
export function openJobs({ jobs, databaseUrl, onError }: BackendConfig, { metadataConfig, controlPlane }: Platform): WorkableJobQueue {
  const kind = databaseUrl ? "native" : "embedded";
  const queue = createJobQueue({ ...jobs, config: { ...metadataConfig, application_name: "plinth jobs" }, kind, onError });
  const builtIn = builtInJobs(controlPlane);
  builtIn.register(queue);
  const start = async (): Promise<void> => {
    await queue.start();
    await builtIn.schedule(queue);
  };
  return { ...queue, start };
}
