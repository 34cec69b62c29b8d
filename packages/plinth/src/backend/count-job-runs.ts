import type { JobDefinition, WorkableJobQueue } from "@plinth/core";

/** Runs of one kind of job in this process. */
export interface JobRunCounts {
  readonly name: string;
  readonly running: number;
  readonly succeeded: number;
  /** Attempts that failed. */
  readonly failed: number;
}

/** A queue that counts what this process runs of it. */
export interface CountedJobQueue extends WorkableJobQueue {
  runs(): readonly JobRunCounts[];
}

type Counts = { -readonly [K in keyof JobRunCounts]: JobRunCounts[K] };

/** Counts from outside, around each job's own `run`. */
export function countJobRuns(queue: WorkableJobQueue): CountedJobQueue {
  const counts = new Map<string, Counts>();
  const counted = new WeakMap<JobDefinition, JobDefinition>();
  const countOf = (job: JobDefinition): JobDefinition => {
    let wrapped = counted.get(job);
    if (wrapped === undefined) counted.set(job, (wrapped = withCounts(job, counts)));
    return wrapped;
  };
  return { ...queue, register: (...jobs) => queue.register(...jobs.map(countOf)), runs: () => [...counts.values()].map((each) => ({ ...each })) };
}

function withCounts(job: JobDefinition, counts: Map<string, Counts>): JobDefinition {
  const own: Counts = counts.get(job.name) ?? { name: job.name, running: 0, succeeded: 0, failed: 0 };
  counts.set(job.name, own);
  const run: JobDefinition["run"] = async (payload, context) => {
    own.running++;
    try {
      const result = await job.run(payload, context);
      own.succeeded++;
      return result;
    } catch (error) {
      own.failed++;
      throw error;
    } finally {
      own.running--;
    }
  };
  return Object.freeze({ ...job, run });
}
