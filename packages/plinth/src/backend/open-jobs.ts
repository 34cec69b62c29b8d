import { createJobQueue } from "@plinth/core";
import type { BackendConfig } from "../config/backend-config.ts";
import { builtInJobs } from "./built-in-jobs.ts";
import { type CountedJobQueue, countJobRuns } from "./count-job-runs.ts";
import type { Platform } from "./open-platform.ts";
import type { StorageSweeps } from "./sweep-storage.ts";

/** The queue over the metadata database, with what every backend has to do. Opens nothing before it is used. */
export function openJobs({ jobs, databaseUrl, onError }: BackendConfig, { metadataConfig, controlPlane }: Platform, sweeps: StorageSweeps): CountedJobQueue {
  const kind = databaseUrl ? "native" : "embedded";
  const queue = countJobRuns(createJobQueue({ ...jobs, config: { ...metadataConfig, application_name: "plinth jobs" }, kind, onError }));
  const builtIn = builtInJobs(queue, controlPlane, sweeps);
  builtIn.register();
  const start = async (): Promise<void> => {
    await queue.start();
    await builtIn.schedule();
  };
  return { ...queue, start };
}
