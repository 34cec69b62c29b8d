import { defineJob, type JobContext } from "plinth";
import { z } from "zod";

const payload = z.object({ ms: z.number() });

/** One and the same job, to be run by several processes in their own ways. */
export const longJob = (run: (payload: { ms: number }, context: JobContext) => unknown) => defineJob({ name: "long", payload, retries: { maxAttempts: 3, firstDelayMs: 20 }, run });
