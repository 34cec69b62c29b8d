import type { ProjectSweep } from "../../backend/sweep-storage.ts";
import { type Answer, type Column, table } from "../answer.ts";
import { backendCommand } from "../backend-command.ts";
import type { CommandGroup } from "../command.ts";
import { text, toggle } from "../flags.ts";

const reported = (of: (report: Extract<ProjectSweep, { report: unknown }>["report"]) => number) => (project: ProjectSweep): number | undefined => ("report" in project ? of(project.report) : undefined);

const COLUMNS: readonly Column<ProjectSweep>[] = [
  ["PROJECT", ({ ref }) => ref],
  ["OBJECTS", reported(({ objects }) => objects)],
  ["BYTES", reported(({ size }) => size)],
  ["WITHOUT ROW", reported(({ bytesWithoutRow }) => bytesWithoutRow.count)],
  ["WITHOUT BYTES", reported(({ rowsWithoutBytes }) => rowsWithoutBytes.count)],
  ["OLD VERSIONS", reported(({ expiredVersions }) => expiredVersions)],
  ["OLD UPLOADS", reported(({ expiredUploads, abortedUploads }) => expiredUploads + abortedUploads)],
  ["ERROR", (project) => ("error" in project ? project.error.message : undefined)],
];

/** Rows without bytes are nothing that a sweep could mend: they make it fail, and so does a project that could not be swept. */
const isFine = (project: ProjectSweep): boolean => "report" in project && project.report.rowsWithoutBytes.count === 0;

const sweep = backendCommand({
  summary: "Delete files' bytes that no row names, and find rows without bytes: what the job storage.sweep does each night",
  flags: {
    project: text("REF", "Only that project (default: all that have files)"),
    dryRun: toggle("Count, and delete nothing"),
  },
  async run(backend, _values, { project, dryRun }): Promise<Answer> {
    const swept = await backend.sweepStorage({ ref: project, dryRun });
    const missing = swept.projects.flatMap((each) => ("report" in each ? each.report.rowsWithoutBytes.examples.map(({ bucket, name }) => `\n${each.ref}: no bytes of ${bucket}/${name}`) : []));
    return { json: swept, text: table(swept.projects, COLUMNS, "No project has files.") + missing.join(""), code: swept.projects.every(isFine) ? 0 : 1 };
  },
});

export const storage: CommandGroup = { summary: "Look after files", commands: { sweep } };
