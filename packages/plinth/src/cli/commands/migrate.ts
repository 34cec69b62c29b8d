import process from "node:process";
import type { AllMigrated, MigrateAllOptions, ProjectMigration } from "@plinth/core";
import { type Answer, type Column, table } from "../answer.ts";
import { backendCommand } from "../backend-command.ts";
import { UsageError } from "../command-error.ts";
import { duration, number, text, texts, toggle } from "../flags.ts";
import { defined } from "./defined.ts";

const FLAGS = {
  all: toggle("Every project that has not had the files"),
  project: texts("REF", "This project"),
  migrations: text("DIR", "Folder of *.sql files (default: what the configuration says, else ./migrations)"),
  dryRun: toggle("Say what would be applied to which project, and write nothing"),
  try: toggle("With --dry-run: apply it in a transaction that is rolled back"),
  concurrency: number("N", "Projects at the same time (default 4)", { min: 1, max: 100 }),
  retryQuarantined: toggle("Take projects that a migration had failed on, too"),
  verify: toggle("Look into every database, also where the metadata says that it is up to date"),
  patience: duration("How long databases that can't be reached are tried again: 90s, 15m (default 30s)"),
  maxFailures: number("N", "Take no more projects once so many have failed (default: no limit)", { min: 1 }),
};

export const migrate = backendCommand({
  summary: "Apply migrations to projects, each file once",
  flags: FLAGS,
  check({ all, project, try: isTrial, dryRun }) {
    if (all === project.length > 0) throw new UsageError('say --all, or --project REF of one.\nSee "plinth migrate --help".');
    if (isTrial && !dryRun) throw new UsageError("--try goes with --dry-run.");
  },
  async run(backend, _values, flags) {
    const interrupt = new AbortController();
    // The first time, those at work come to their end; the second time, the process's.
    process.once("SIGINT", () => interrupt.abort());
    const { concurrency, retryQuarantined, verify, patience, maxFailures } = flags;
    const options: MigrateAllOptions = {
      ...defined({ concurrency, patienceMs: patience, maxFailures, refs: flags.all ? undefined : flags.project }),
      dryRun: flags.dryRun && (flags.try ? "try" : true),
      retryQuarantined,
      verify,
      signal: interrupt.signal,
      actor: "cli",
      onProgress: ({ done, total, project }) => report(done, total, project),
    };
    return answerOf(await backend.migrateAll(flags.migrations, options), flags.dryRun);
  },
});

/** On standard error, so that standard output has the result alone. */
function report(done: number, total: number, { ref, outcome, files, reason }: ProjectMigration): void {
  const what = [outcome, files.length > 0 ? files.join(", ") : "", reason ?? ""].filter(Boolean).join(": ");
  process.stderr.write(`[${String(done).padStart(String(total).length)}/${total}] ${ref}: ${what}\n`);
}

const COLUMNS: readonly Column<ProjectMigration>[] = [
  ["PROJECT", ({ ref }) => ref],
  ["OUTCOME", ({ outcome }) => outcome],
  ["FILES", ({ files, setup }) => [...(setup ? ["(set-up)"] : []), ...files].join(", ")],
  ["MS", ({ milliseconds }) => milliseconds],
  ["REASON", ({ reason }) => reason],
];

/** Nothing is to be seen of those that were up to date. */
function answerOf(all: AllMigrated, isDryRun: boolean): Answer {
  const { counts, interrupted } = all;
  const told = all.projects.filter(({ outcome }) => outcome !== "current");
  const summary = Object.entries(counts).filter(([, count]) => count > 0).map(([outcome, count]) => `${count} ${outcome}`).join(", ") || "no projects";
  const lines = [...(told.length > 0 ? [table(told, COLUMNS, ""), ""] : []), `${isDryRun ? "Dry run: " : ""}${summary}.`, ...hintsOf(all)];
  const failed = interrupted || counts.failed + counts.changed + counts.unavailable + counts.quarantined > 0;
  return { json: all, text: lines.join("\n"), code: failed ? 1 : 0 };
}

function hintsOf({ counts, interrupted }: AllMigrated): readonly string[] {
  const hints: ReadonlyArray<readonly [boolean, string]> = [
    [counts.failed + counts.quarantined > 0, "Put right what failed, then: plinth migrate --all --retry-quarantined (or plinth projects release REF). Those projects are served with the schema that they have."],
    [counts.changed > 0, "Files that were applied have changed since: restore them, and put the change into a new file."],
    [counts.unavailable > 0, "Some databases can't be reached: run it again when they can."],
    [interrupted, "It was ended early: run it again, and it goes on where it was."],
  ];
  return hints.filter(([applies]) => applies).map(([, hint]) => hint);
}
