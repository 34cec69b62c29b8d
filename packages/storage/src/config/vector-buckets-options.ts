import { z } from "zod";

/** `vectorBuckets` of the settings, under upstream's names. */
export const vectorBucketsSchema = z
  .strictObject({
    enabled: z.boolean().default(true),
    /** Of the project. */
    maxBuckets: z.number().int().positive().default(10),
    /** Of each bucket. */
    maxIndexes: z.number().int().positive().default(10),
  })
  .prefault({});
