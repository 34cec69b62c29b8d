import type { Job, JobPage } from "@plinth/core";
import { type Answer, type Column, fields, table } from "../answer.ts";
import { backendCommand } from "../backend-command.ts";
import { UsageError } from "../command-error.ts";
import type { CommandGroup } from "../command.ts";
import { choices, number, text, toggle } from "../flags.ts";
import { defined } from "./defined.ts";

const COLUMNS: readonly Column<Job>[] = [
  ["ID", ({ id }) => id],
  ["NAME", ({ name }) => name],
  ["STATUS", ({ status }) => status],
  ["PROJECT", ({ projectRef }) => projectRef],
  ["ATTEMPTS", ({ attempts, maxAttempts }) => `${attempts}/${maxAttempts}`],
  ["DUE", ({ runAt }) => runAt],
  ["PROGRESS", ({ progress }) => progress && `${Math.round(progress.value * 100)}%${progress.message === undefined ? "" : ` ${progress.message}`}`],
  ["ERROR", ({ error }) => error?.message],
];

const FILTER = {
  name: text("NAME", "Only jobs of this name"),
  project: text("REF", "Only jobs of this project"),
};

const PAGE = {
  ...FILTER,
  limit: number("N", "Jobs at most, 1 to 1000 (default 50)", { min: 1, max: 1_000 }),
  after: text("CURSOR", "Go on after a page: its \"next\""),
};

const ALL = { all: toggle("All of them, or all that --name and --project leave") };

function pageOf(page: JobPage, none: string): Answer {
  const more = page.next === undefined ? "" : `\n\nThere are more: --after ${page.next}`;
  return { json: page, text: `${table(page.jobs, COLUMNS, none)}${more}` };
}

function checkNamed(all: boolean, id: string | undefined): void {
  if (all === (id !== undefined)) throw new UsageError("say the ID of one, or --all.");
}

const counted = (count: number, what: string): Answer => ({ json: { count }, text: `${count} ${count === 1 ? "job" : "jobs"} ${what}.` });

export const jobs: CommandGroup = {
  summary: "List, cancel and retry background jobs",
  commands: {
    list: backendCommand({
      summary: "List jobs, newest first",
      flags: { ...PAGE, status: choices(["pending", "running", "succeeded", "failed", "cancelled"], "Only those that are pending, running, succeeded, failed or cancelled") },
      run: async (backend, _values, { name, project, limit, after, status }) => pageOf(await backend.jobs.list(defined({ name, projectRef: project, limit, after, status: status.length > 0 ? status : undefined })), "No jobs."),
    }),
    get: backendCommand({
      summary: "Show a job",
      arguments: [{ name: "ID" }],
      async run(backend, [id = ""]) {
        const job = await backend.jobs.get(id);
        const { payload, result, error, progress, ...rest } = job;
        const text_ = fields({ ...rest, progress: progress && `${Math.round(progress.value * 100)}% ${progress.message ?? ""}`, payload: JSON.stringify(payload), result: result === undefined ? undefined : JSON.stringify(result), error: error && `${error.name}: ${error.message}` });
        return { json: job, text: text_ };
      },
    }),
    dead: backendCommand({
      summary: "List jobs whose attempts are used up",
      flags: PAGE,
      run: async (backend, _values, { name, project, limit, after }) => pageOf(await backend.jobs.deadLetters.list(defined({ name, projectRef: project, limit, after })), "No dead jobs."),
    }),
    retry: backendCommand({
      summary: "Make a dead job pending again, with all its attempts",
      arguments: [{ name: "ID", optional: true }],
      flags: { ...ALL, ...FILTER },
      async run(backend, [id], { all, name, project }) {
        checkNamed(all, id);
        if (id === undefined) return counted(await backend.jobs.deadLetters.retryAll(defined({ name, projectRef: project })), "made pending again");
        const job = await backend.jobs.deadLetters.retry(id);
        return { json: job, text: table([job], COLUMNS, "") };
      },
    }),
    forget: backendCommand({
      summary: "Delete a dead job",
      arguments: [{ name: "ID", optional: true }],
      flags: { ...ALL, ...FILTER },
      confirm: ([id]) => (id === undefined ? "This deletes dead jobs for good." : `This deletes the dead job ${id} for good.`),
      async run(backend, [id], { all, name, project }) {
        checkNamed(all, id);
        if (id === undefined) return counted(await backend.jobs.deadLetters.deleteAll(defined({ name, projectRef: project })), "deleted");
        await backend.jobs.deadLetters.delete(id);
        return counted(1, "deleted");
      },
    }),
    cancel: backendCommand({
      summary: "Cancel a job: at once where it is pending, else it is told to stop",
      arguments: [{ name: "ID" }],
      confirm: ([id]) => `This cancels the job ${id}.`,
      async run(backend, [id = ""]) {
        const job = await backend.jobs.cancel(id);
        return { json: job, text: table([job], COLUMNS, "") };
      },
    }),
    schedules: backendCommand({
      summary: "List what makes jobs by the clock",
      flags: { project: FILTER.project },
      async run(backend, _values, { project }) {
        const schedules = await backend.jobs.schedules.list(defined({ projectRef: project }));
        const columns: readonly Column<(typeof schedules)[number]>[] = [["NAME", ({ name }) => name], ["JOB", ({ job }) => job], ["CRON", ({ cron }) => cron], ["TIME ZONE", ({ timeZone }) => timeZone], ["PROJECT", ({ projectRef }) => projectRef], ["NEXT", ({ nextAt }) => nextAt], ["LAST", ({ lastAt }) => lastAt]];
        return { json: { schedules }, text: table(schedules, columns, "No schedules.") };
      },
    }),
  },
};
