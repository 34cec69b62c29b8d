import { z } from "zod";

/** How projects are looked after. */
export interface ProjectsOptions {
  /** How long a deleted project can be restored, in milliseconds, where `projects.delete` doesn't say. 0: it is dropped at once. Default: 0. */
  readonly deleteGraceMs?: number;
  /** How long work under way gets to end when a project is paused or deleted, in milliseconds. Default: 5,000. */
  readonly drainMs?: number;
  /** Give a database the services' present set-up when its project is first asked for, where it has an earlier one. Default: false: `projects.upgrade()` does. */
  readonly upgradeOnOpen?: boolean;
  /** Days for which the audit log is kept. Default: for ever. */
  readonly auditRetentionDays?: number;
  /** Sessions that one project's login may have on its server, all processes' together. Set when the project is made. Default: no limit but the server's. */
  readonly loginConnectionLimit?: number;
}

const YEAR_MS = 366 * 24 * 60 * 60 * 1000;

export const projectsOptionsSchema = z
  .strictObject({
    deleteGraceMs: z.number().int().min(0).max(YEAR_MS).default(0),
    drainMs: z.number().int().min(0).max(600_000).default(5_000),
    upgradeOnOpen: z.boolean().default(false),
    auditRetentionDays: z.number().positive().max(36_600).optional(),
    loginConnectionLimit: z.number().int().positive().optional(),
  })
  .prefault({});
