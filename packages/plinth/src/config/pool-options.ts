import { availableParallelism } from "node:os";
import { z } from "zod";

/** Connections to databases: how many in all, how many for whom, and how long. */
export interface PoolOptions {
  /** Connections to native servers at most, over all projects and clusters. Default: 80; with `clusters`, as many as they may have together. */
  readonly maxConnections?: number;
  /**
   * Connections to one cluster at most, where it has no `maxConnections` of its own. Default: `maxConnections`, or 80 where
   * that isn't given. PostgreSQL's own default is 100, which leaves some for the metadata, for administration and for others.
   */
  readonly maxConnectionsPerCluster?: number;
  /** Connections to one project's database at most; more than the default where it is far away. Default: two for each core of this machine and one more, 10 at most. */
  readonly maxConnectionsPerProject?: number;
  /** Projects kept open at most, without connections where they are idle. Default: 1,000. */
  readonly maxOpenProjects?: number;
  /** Embedded databases open at once, where they are kept on disk. Default: 16. */
  readonly maxEmbedded?: number;
  /** Connections that are opened at once on one cluster: more of them make each slower, and none sooner; of one that is far away more are worth it. Default: 4. */
  readonly maxOpening?: number;
  /** An idle connection is closed after this many milliseconds, and an embedded database after its last one. Default: 60,000. */
  readonly idleTimeoutMs?: number;
  /** How long a request waits for a connection, in milliseconds. Default: 10,000. */
  readonly acquireTimeoutMs?: number;
  /** Requests that may wait for one project's connections at a time. Default: 1,000. */
  readonly maxWaitingPerProject?: number;
  /** Prepare statements by name, once a connection. `false` for a pooler that shares connections between transactions. Default: true. */
  readonly preparedStatements?: boolean;
}

/**
 * Two connections a core and one more: with more of them than that at work on the same machine, requests wait for each
 * other in the system's scheduler rather than in our queue, and the slowest get slower.
 */
const CONNECTIONS_PER_PROJECT = Math.min(10, 2 * availableParallelism() + 1);

const count = z.number().int().positive();

export const poolOptionsSchema = z
  .strictObject({
    maxConnections: count.optional(),
    maxConnectionsPerCluster: count.optional(),
    maxConnectionsPerProject: count.default(CONNECTIONS_PER_PROJECT),
    maxOpenProjects: count.default(1_000),
    maxEmbedded: count.default(16),
    maxOpening: count.default(4),
    idleTimeoutMs: count.default(60_000),
    acquireTimeoutMs: count.default(10_000),
    maxWaitingPerProject: count.default(1_000),
    preparedStatements: z.boolean().default(true),
  })
  .prefault({});
