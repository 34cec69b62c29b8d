import { z } from "zod";
import { byteSize } from "./byte-size.ts";
import { imageTransformationSchema } from "./image-transformation-options.ts";
import { vectorBucketsSchema } from "./vector-buckets-options.ts";

/** What a project can say itself, in `settings.storage`. Names are upstream's in camelCase, times seconds. */
export const storageOptionsSchema = z.strictObject({
  /** Whether Storage answers at all. */
  enabled: z.boolean().default(true),
  /** Largest object, where its bucket says nothing less. */
  fileSizeLimit: byteSize.prefault(50 * 1_024 * 1_024),
  /** How long a signed upload may begin (`createSignedUploadUrl`), in seconds. */
  uploadSignedUrlExpirationTime: z.number().int().positive().default(60),
  /** How long a resumable upload may take from its beginning, in seconds. */
  tusUrlExpiry: z.number().int().positive().default(3_600),
  /** For how long the sweep leaves bytes alone that no row names, in seconds: somebody may be about to write it. */
  sweepGrace: z.number().int().min(3_600).default(86_400),
  /** Images made smaller on their way out. */
  imageTransformation: imageTransformationSchema,
  /** Buckets of vectors, searched by likeness. */
  vectorBuckets: vectorBucketsSchema,
});

export type StorageOptions = z.input<typeof storageOptionsSchema>;
export type StorageConfig = Readonly<z.output<typeof storageOptionsSchema>>;
