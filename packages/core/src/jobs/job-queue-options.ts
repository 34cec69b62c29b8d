import type pg from "pg";

export interface JobQueueOptions {
  /** The metadata database: directly, or through a pooler that gives each client a session. The schema `plinth` is there. */
  readonly config: pg.ClientConfig;
  /** An embedded database is this process's alone, and is let go of whenever nothing is due. */
  readonly kind: "native" | "embedded";
  /** Told of attempts that failed, and of what fails in the queue itself. */
  readonly onError: (error: unknown) => void;
  /** Jobs that this process runs at the same time at most. Default: 4. */
  readonly concurrency?: number;
  /** Of these, one project's at most. Default: half of them, rounded up. */
  readonly concurrencyPerProject?: number;
  /** How long `close()` waits for running jobs before it aborts them, in milliseconds. Default: 10,000. */
  readonly drainMs?: number;
  /** Milliseconds between two looks for what no notification told of; embedded there are none while nothing is due. Default: 2,000. */
  readonly pollMs?: number;
  /** Milliseconds after which jobs of a process that is gone are taken up by others. Default: 15,000. */
  readonly leaseMs?: number;
}
