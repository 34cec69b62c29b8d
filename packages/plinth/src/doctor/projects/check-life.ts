import type { ProjectRow } from "@plinth/core";
import { type Finding, ok, problem } from "../check.ts";
import { isBusy, type ProjectsCheck } from "./surroundings.ts";

const SWEEP = "Run: plinth projects sweep (every start of a backend does, and each hour one that works the jobs)";

interface Unfinished {
  readonly applies: (row: ProjectRow) => boolean;
  readonly message: (row: ProjectRow) => string;
  readonly hint: (row: ProjectRow) => string;
}

const sweep = (): string => `${SWEEP}.`;

/** What a crash, or a database that was down, can leave of a change. */
const UNFINISHED: readonly Unfinished[] = [
  {
    applies: ({ status }) => status === "provisioning",
    message: ({ ref, provisioning_step: step }) => `"${ref}" is half made (${step === null ? "nothing is done yet" : `done up to the step ${step}`}).`,
    hint: ({ ref }) => `${SWEEP}, or to be rid of it: plinth projects delete ${ref} --now --yes.`,
  },
  { applies: ({ status }) => status === "deleting", message: ({ ref }) => `"${ref}" is half deleted, or half imported.`, hint: sweep },
  { applies: ({ shut_due: due }) => due, message: ({ ref, status }) => `"${ref}" is ${status}, and its login is not shut yet.`, hint: sweep },
  {
    applies: ({ status }) => status === "moving",
    message: ({ ref, move }) => `"${ref}" is on its way to the cluster "${move?.cluster}", and not served meanwhile.`,
    hint: ({ ref, move }) => `${SWEEP}, which takes the move back; or, to begin it anew: plinth projects move ${ref} --cluster ${move?.cluster} --yes.`,
  },
  {
    applies: ({ status, move }) => status !== "moving" && move !== null,
    message: ({ ref, move }) => `"${ref}" was moved, and its former database "${move?.database}" on the cluster "${move?.cluster}" is still there.`,
    hint: sweep,
  },
  { applies: ({ status, delete_after: after }) => status === "deleted" && after !== null && after <= new Date(), message: ({ ref }) => `The time in which "${ref}" could be restored is over, and its database is still there.`, hint: sweep },
];

/** Every project is whole or absent, or somebody is at work on it. */
export const checkLife: ProjectsCheck = async ({ platform: { metadata }, rows }) => {
  const findings: Finding[] = [];
  for (const row of rows) {
    const unfinished = UNFINISHED.find(({ applies }) => applies(row));
    if (unfinished === undefined || (await isBusy(metadata, row.ref))) continue;
    findings.push(problem("Projects", unfinished.message(row), unfinished.hint(row)));
  }
  return [ok("Projects", counts(rows)), ...findings];
};

function counts(rows: readonly ProjectRow[]): string {
  if (rows.length === 0) return "none yet";
  const counted = new Map<string, number>();
  for (const { status } of rows) counted.set(status, (counted.get(status) ?? 0) + 1);
  return [...counted].map(([status, count]) => `${count} ${status}`).join(", ");
}
