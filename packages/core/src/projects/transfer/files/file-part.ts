import { z } from "zod";

/** Bytes that a service keeps of the project begin. */
export const fileSchema = z.strictObject({ service: z.string().max(100), name: z.string().max(800) });

/** What all of them were. */
export const fileSummarySchema = z.strictObject({
  count: z.int().min(0),
  /** Bytes. */
  size: z.int().min(0),
  missing: z.strictObject({ count: z.int().min(0), examples: z.array(z.string()).max(100) }),
});
export type FileSummary = Readonly<z.infer<typeof fileSummarySchema>>;

/**
 * A piece of what services keep, on its way after the database. They come in this order: each `file` with its `bytes`,
 * then one `files`.
 */
export type FilePart =
  | ({ readonly kind: "file" } & Readonly<z.infer<typeof fileSchema>>)
  /** At most `PIECE_BYTES`. */
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  | { readonly kind: "files"; readonly summary: FileSummary };

/** How many missing ones are named. */
export const MISSING_EXAMPLES = 100;

export const NO_FILES: FileSummary = { count: 0, size: 0, missing: { count: 0, examples: [] } };
