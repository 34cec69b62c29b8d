import { defineJob, type ControlPlane, type JobDefinition, type JobQueue } from "@plinth/core";
import { z } from "zod";

const NOTHING = z.object({});

interface BuiltInJob {
  readonly job: JobDefinition<typeof NOTHING>;
  readonly cron: string;
}

/** What every backend has to do now and then, by whichever process works the queue. Times are UTC. */
export interface BuiltInJobs {
  /** Makes them known to the queue. */
  register(jobs: JobQueue): void;
  /** Sees to it that they have their times. */
  schedule(jobs: JobQueue): Promise<void>;
}

export function builtInJobs(controlPlane: ControlPlane): BuiltInJobs {
  const all = [sweep(controlPlane)];
  return {
    register: (jobs) => jobs.register(...all.map(({ job }) => job)),
    schedule: async (jobs) => {
      for (const { job, cron } of all) await jobs.schedules.set(job, { cron, payload: {}, backfill: "last" });
    },
  };
}

/** Drops what was deleted and can't be restored any more, ends what crashes broke off, and trims the audit log. */
function sweep(controlPlane: ControlPlane): BuiltInJob {
  const run = async (): Promise<{ readonly purged: number; readonly finished: number }> => {
    const { purged, finished, failed } = await controlPlane.as("plinth.sweep").sweepDeleted();
    if (failed.length > 0) throw new AggregateError(failed.map(({ error }) => error), `These projects could not be swept: ${failed.map(({ ref }) => ref).join(", ")}.`);
    return { purged: purged.length, finished: finished.length };
  };
  return { job: defineJob({ name: "plinth.sweep", payload: NOTHING, run, retries: { maxAttempts: 4, firstDelayMs: 60_000 } }), cron: "17 * * * *" };
}
