import { z } from "zod";
import { bytesOf } from "./byte-size.ts";

/** Bytes, or a text such as "50MB" or "1.5gb", in powers of a thousand. */
const byteSize = z.union([z.number().int().nonnegative(), z.string()]).transform((value, context) => {
  const bytes = bytesOf(value);
  if (bytes === undefined) context.addIssue({ code: "custom", message: "is a number of bytes, or a text such as 20GB, 20MB, 30KB or 3B" });
  return bytes ?? 0;
});

/** What a project can say itself, in `settings.storage`. Names are upstream's in camelCase, times seconds. */
export const storageOptionsSchema = z.strictObject({
  /** Whether Storage answers at all. */
  enabled: z.boolean().default(true),
  /** Largest object, where its bucket says nothing less. */
  fileSizeLimit: byteSize.prefault(50 * 1_024 * 1_024),
  /** How long a signed upload may begin (`createSignedUploadUrl`), in seconds. */
  uploadSignedUrlExpirationTime: z.number().int().positive().default(60),
});

export type StorageOptions = z.input<typeof storageOptionsSchema>;
export type StorageConfig = Readonly<z.output<typeof storageOptionsSchema>>;
