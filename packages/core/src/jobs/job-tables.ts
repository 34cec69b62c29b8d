import type { Generated } from "kysely";

/** Tables of jobs that Kysely builds queries for; all others are written as SQL (`store/job-migrations.ts` has them). */
export interface JobTables {
  "plinth_jobs.migrations": { readonly id: number; readonly name: string; readonly applied_at: Generated<Date> };
}
