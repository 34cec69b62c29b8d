import type { Placement } from "@plinth/core";
import { z } from "zod";

/** A database server that projects' databases are made on. */
export interface ClusterOptions {
  /** Stands for the server in the metadata: never to be given to another one. "default" is the server of the backend's `databaseUrl`. */
  readonly name: string;
  /** Connects as a role that may create databases and roles there. Of "default" it is the backend's `databaseUrl`. */
  readonly databaseUrl?: string;
  /**
   * A pooler before the server that lends connections by the transaction (PgBouncer), as `postgres://host:port`. Requests
   * go through it, with projects' own logins; everything that needs a session goes to `databaseUrl`.
   */
  readonly poolerUrl?: string;
  /**
   * Servers that follow it by streaming replication, with the login of `databaseUrl`: requests that only read go to them,
   * save where a replica has not yet what this process has written to the project.
   */
  readonly replicas?: readonly string[];
  /** How far a replica may be behind and still be read from, in milliseconds. Default: 2,000. */
  readonly maxReplicaLagMs?: number;
  /** Its share of new projects, beside those of the others. 0: it takes none. Default: 1. */
  readonly weight?: number;
  /** Connections to it at most. Default: `pool.maxConnectionsPerCluster`. */
  readonly maxConnections?: number;
}

const name = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, "must be 1 to 40 lower-case letters, digits and dashes, beginning with a letter");
const postgresUrl = z.string().regex(/^postgres(ql)?:\/\//, "must be a URL that begins with postgres:// or postgresql://");

const cluster = z
  .strictObject({
    name: name.refine((given) => given !== "embedded", 'must not be "embedded", which is the data directory'),
    databaseUrl: postgresUrl.optional(),
    poolerUrl: postgresUrl.optional(),
    replicas: z.array(postgresUrl).default([]),
    maxReplicaLagMs: z.number().int().min(100).default(2_000),
    weight: z.number().min(0).max(1_000_000).default(1),
    maxConnections: z.number().int().positive().optional(),
  })
  .superRefine(({ name: given, databaseUrl }, context) => {
    if (given === "default" && databaseUrl !== undefined) context.addIssue({ code: "custom", path: ["databaseUrl"], message: `must be left out of "default", which is the backend's databaseUrl` });
    if (given !== "default" && databaseUrl === undefined) context.addIssue({ code: "custom", path: ["databaseUrl"], message: "is missing" });
  });

export const clustersOptionsSchema = z
  .array(cluster)
  .refine((clusters) => new Set(clusters.map((each) => each.name)).size === clusters.length, "must have different names")
  .default([]);

export const placementOptionSchema = z.custom<Placement>((value) => typeof value === "function", "must be a function").optional();
