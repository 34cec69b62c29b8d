import type { MetadataMigration } from "../../metadata/migrations/metadata-migration.ts";

/** The schema `plinth_jobs`, made when jobs are first used. */
export const JOB_MIGRATIONS: readonly MetadataMigration[] = [
  {
    id: 1,
    name: "jobs",
    sql: `
      create table plinth_jobs.jobs (
        id uuid primary key default gen_random_uuid(),
        position bigint generated always as identity unique,
        name text not null,
        -- Not jsonb: it refuses the character U+0000, which JSON can have.
        payload json not null,
        status text not null check (status in ('pending', 'running', 'succeeded', 'failed', 'cancelled')),
        project_uid uuid references plinth.projects (uid) on delete cascade,
        queue text,
        dedupe_key text,
        priority smallint not null,
        attempts int not null default 0,
        max_attempts int not null,
        run_at timestamptz not null,
        created_at timestamptz not null default now(),
        started_at timestamptz,
        finished_at timestamptz,
        keep_ms bigint not null,
        keep_until timestamptz,
        progress real,
        progress_message text,
        result json,
        error json,
        cancel_requested boolean not null default false,
        worker uuid,
        schedule text
      );
      create unique index jobs_dedupe on plinth_jobs.jobs (name, project_uid, dedupe_key) nulls not distinct
        where status = 'pending' and dedupe_key is not null;
      -- Two jobs of a queue never run at the same time, whatever becomes of tickets.
      create unique index jobs_serial on plinth_jobs.jobs (queue) where status = 'running' and queue is not null;
      create index jobs_due on plinth_jobs.jobs (name, run_at) where status = 'pending';
      create index jobs_running on plinth_jobs.jobs (worker) where status = 'running';
      create index jobs_status on plinth_jobs.jobs (status, position);
      create index jobs_keep on plinth_jobs.jobs (keep_until) where keep_until is not null;
      create index jobs_project on plinth_jobs.jobs (project_uid, position) where project_uid is not null;

      create table plinth_jobs.workers (
        id uuid primary key,
        pools text[] not null default '{}',
        seen_at timestamptz not null default now()
      );

      create table plinth_jobs.schedules (
        name text primary key,
        job text not null,
        cron text not null,
        time_zone text not null,
        payload json not null,
        backfill text not null check (backfill in ('none', 'last', 'all')),
        project_uid uuid references plinth.projects (uid) on delete cascade,
        queue text,
        priority smallint not null,
        max_attempts int not null,
        keep_ms bigint not null,
        next_at timestamptz not null,
        last_at timestamptz
      );
      create index schedules_next on plinth_jobs.schedules (next_at);
      create index schedules_project on plinth_jobs.schedules (project_uid) where project_uid is not null;
    `,
  },
];
