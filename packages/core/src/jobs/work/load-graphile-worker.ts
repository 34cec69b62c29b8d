import type { Logger, makeWorkerUtils, runMigrations, runTaskList } from "graphile-worker";

/** The schema of graphile-worker's own tables. */
export const TICKETS_SCHEMA = "plinth_worker";

export interface GraphileWorker {
  readonly makeWorkerUtils: typeof makeWorkerUtils;
  readonly runMigrations: typeof runMigrations;
  readonly runTaskList: typeof runTaskList;
  readonly logger: Logger;
}

/**
 * Loads graphile-worker, which takes about 100 ms and 15 MB: only who works the queue, or makes its tables, does so.
 *
 * @param onError told of what it logs as errors
 */
export async function loadGraphileWorker(onError: (message: string, error: unknown) => void): Promise<GraphileWorker> {
  const { Logger, makeWorkerUtils, runMigrations, runTaskList } = await import("graphile-worker");
  const logger = new Logger(() => (level, message, meta) => {
    if (level === "error") onError(message, (meta as { readonly error?: unknown } | undefined)?.error);
  });
  return { makeWorkerUtils, runMigrations, runTaskList, logger };
}
