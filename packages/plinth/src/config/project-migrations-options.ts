import { z } from "zod";

/** Migrations that every project is to have: "a thousand projects with one schema". */
export interface ProjectMigrationsOptions {
  /** Folder of `*.sql` files. `backend.migrateAll()` and `plinth migrate --all` apply them; the default project, unless it has `migrations` of its own, gets them at the start. */
  readonly folder: string;
  /** A new project has them from its making on. Default: true. */
  readonly atCreation?: boolean;
  /** A project that is behind is brought up to date when it is first used in a process. Default: false. */
  readonly lazyUpgrade?: boolean;
  /** How long requests wait for that before they get a 503 with Retry-After, in milliseconds. Default: 10,000. */
  readonly upgradeWaitMs?: number;
  /** Projects brought up to date by their use at the same time. Default: 4. */
  readonly upgradeConcurrency?: number;
}

const defaults = { atCreation: true, lazyUpgrade: false, upgradeWaitMs: 10_000, upgradeConcurrency: 4 };

/** Its folder alone, or all of it. */
export const projectMigrationsSchema = z
  .union([
    z.string().min(1).transform((folder) => ({ folder, ...defaults })),
    z.strictObject({
      folder: z.string().min(1),
      atCreation: z.boolean().default(defaults.atCreation),
      lazyUpgrade: z.boolean().default(defaults.lazyUpgrade),
      upgradeWaitMs: z.number().int().min(0).default(defaults.upgradeWaitMs),
      upgradeConcurrency: z.number().int().positive().default(defaults.upgradeConcurrency),
    }),
  ])
  .optional();
