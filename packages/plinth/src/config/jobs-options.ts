import { z } from "zod";

/** How this process works the queue of jobs, once `backend.start()` is called. */
export interface JobsOptions {
  /** Jobs that run at the same time at most. Default: 4. */
  readonly concurrency?: number;
  /** Of these, one project's at most. Default: half of them, rounded up. */
  readonly concurrencyPerProject?: number;
  /** How long `close()` waits for running jobs before it aborts them and gives them back, in milliseconds. Default: 10,000. */
  readonly drainMs?: number;
  /** On a server: milliseconds between two looks for what no notification told of. Embedded there are none. Default: 2,000. */
  readonly pollMs?: number;
  /** On a server: milliseconds after which jobs of a process that is gone are taken up by others. The same in all processes. Default: 15,000. */
  readonly leaseMs?: number;
}

export const jobsOptionsSchema = z
  .strictObject({
    concurrency: z.number().int().min(1).max(1_000).default(4),
    concurrencyPerProject: z.number().int().min(1).optional(),
    drainMs: z.number().int().min(0).max(86_400_000).default(10_000),
    pollMs: z.number().int().min(100).max(3_600_000).default(2_000),
    leaseMs: z.number().int().min(1_000).max(86_400_000).default(15_000),
  })
  .refine(({ pollMs, leaseMs }) => leaseMs >= 2 * pollMs, { message: "must be twice pollMs at least", path: ["leaseMs"] })
  .prefault({});
