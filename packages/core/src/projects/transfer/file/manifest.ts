import { z } from "zod";
import { databaseFactsSchema } from "../database/database-facts.ts";

/** Files of later versions are refused. Before 2 there were no files of services in it. */
export const EXPORT_VERSION = 2;

/** What every version's manifest begins with. */
export const anyManifestSchema = z.object({ format: z.literal("plinth-project"), version: z.int().min(1) });

/** The first frame: what the export is of, and what it has. */
export const manifestSchema = z.object({
  format: z.literal("plinth-project"),
  version: z.int().min(1).max(EXPORT_VERSION),
  /** ISO 8601. */
  exportedAt: z.iso.datetime(),
  project: z.object({
    ref: z.string(),
    name: z.string(),
    roles: z.object({ anon: z.string(), authenticated: z.string(), service: z.string() }),
    settings: z.record(z.string(), z.unknown()),
    jwks: z.object({ url: z.string().optional(), keys: z.array(z.record(z.string(), z.unknown())).optional() }).nullable(),
    jwtAudience: z.string().nullable(),
    createdAt: z.iso.datetime(),
    /** Of the migrations that the database was brought up to. */
    migrationsChecksum: z.string().nullable(),
  }),
  /** Told, and not taken over: a domain leads to one project. */
  domains: z.array(z.string()),
  database: databaseFactsSchema.extend({ kind: z.enum(["native", "embedded"]), loginRole: z.string().nullable() }),
  contains: z.object({
    data: z.boolean(),
    keys: z.boolean(),
    /** What services keep outside the database; its size in bytes, as far as the rows say. Null: left out. */
    files: z.object({ count: z.int().min(0), size: z.int().min(0) }).nullable().default(null),
  }),
});
export type Manifest = Readonly<z.infer<typeof manifestSchema>>;

/** The last frame: how many there were before, and what they were. */
export const endSchema = z.object({ frames: z.int().min(1), digest: z.string() });
