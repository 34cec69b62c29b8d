import { defineJob, type ControlPlane, type JobDefinition, type JobQueue } from "@plinth/core";
import type { SweepReport } from "@plinth/storage";
import { z } from "zod";
import type { StorageSweeps } from "./sweep-storage.ts";

const NOTHING = z.object({});

type NothingJob = JobDefinition<typeof NOTHING>;

interface BuiltInJob {
  readonly job: NothingJob;
  readonly cron: string;
}

/** What every backend has to do now and then, by whichever process works the queue. Times are UTC. */
export interface BuiltInJobs {
  /** Makes them known to the queue. */
  register(): void;
  /** Sees to it that they have their times. */
  schedule(): Promise<void>;
}

export function builtInJobs(jobs: JobQueue, controlPlane: ControlPlane, sweeps: StorageSweeps): BuiltInJobs {
  const sweepProject = sweepProjectFiles(sweeps);
  const byTheClock = [sweep(controlPlane), sweepFiles(jobs, sweeps, sweepProject)];
  return {
    register: () => jobs.register(sweepProject, ...byTheClock.map(({ job }) => job)),
    schedule: async () => {
      for (const { job, cron } of byTheClock) await jobs.schedules.set(job, { cron, payload: {}, backfill: "last" });
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

/** Makes a job for each project that has files: they wait their turn beside other work, and fail alone. */
function sweepFiles(jobs: JobQueue, sweeps: StorageSweeps, sweepProject: NothingJob): BuiltInJob {
  const run = async (): Promise<{ readonly projects: number; readonly leftovers: number }> => {
    let projects = 0;
    for await (const projectRef of sweeps.refs()) {
      await jobs.add(sweepProject, {}, { projectRef, dedupeKey: sweepProject.name, mode: "preserve", priority: LATER });
      projects++;
    }
    return { projects, leftovers: await sweeps.removeLeftovers() };
  };
  return { job: defineJob({ name: "storage.sweep", payload: NOTHING, run, retries: { maxAttempts: 4, firstDelayMs: 60_000 } }), cron: "41 3 * * *" };
}

/** Nobody waits for it. */
const LATER = 100;

function sweepProjectFiles(sweeps: StorageSweeps): NothingJob {
  const run = async (_: object, { projectRef = "", signal }: { readonly projectRef: string | undefined; readonly signal: AbortSignal }): Promise<SweepReport> => sweeps.sweep(projectRef, { signal });
  return defineJob({ name: "storage.sweep-project", payload: NOTHING, run, retries: { maxAttempts: 4, firstDelayMs: 60_000 } });
}
