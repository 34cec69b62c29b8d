import type { AuditRecord, Project } from "@plinth/core";
import { type Column, table } from "../answer.ts";
import { backendCommand } from "../backend-command.ts";
import { choices, number, text } from "../flags.ts";
import { defined } from "./defined.ts";
import { describeProject } from "./describe-project.ts";

const COLUMNS: readonly Column<Project>[] = [
  ["REF", ({ ref }) => ref],
  ["NAME", ({ name }) => name],
  ["STATUS", ({ status }) => status],
  ["CLUSTER", ({ cluster }) => cluster],
  ["CREATED", ({ createdAt }) => createdAt],
];

export const listProjects = backendCommand({
  summary: "List projects, oldest first",
  flags: {
    limit: number("N", "Projects at most, 1 to 1000 (default 100)", { min: 1, max: 1_000 }),
    after: text("CURSOR", "Go on after a page: its \"next\""),
    status: choices(["provisioning", "active", "paused", "moving", "deleted", "deleting"], "Only those that are provisioning, active, paused, moving, deleted or deleting"),
    cluster: text("NAME", "Only those on this database server"),
    search: text("TEXT", "Only those with this in their ref or name"),
  },
  async run(backend, _values, { limit, after, status, cluster, search }) {
    const page = await backend.projects.list({ ...defined({ limit, after, cluster, search }), ...(status.length > 0 ? { status } : {}) });
    const more = page.next === undefined ? "" : `\n\nThere are more: --after ${page.next}`;
    return { json: page, text: `${table(page.projects, COLUMNS, "No projects.")}${more}` };
  },
});

export const showProject = backendCommand({
  summary: "Show a project with its keys",
  arguments: [{ name: "REF" }],
  async run(backend, [ref = ""]) {
    const project = await backend.projects.get(ref);
    return { json: project, text: describeProject(project) };
  },
});

const AUDIT_COLUMNS: readonly Column<AuditRecord>[] = [
  ["AT", ({ at }) => at],
  ["WHO", ({ actor }) => actor],
  ["WHAT", ({ action }) => action],
  ["PROJECT", ({ ref }) => ref],
  ["BEFORE", ({ before }) => before && JSON.stringify(before)],
  ["AFTER", ({ after }) => after && JSON.stringify(after)],
];

export const auditProjects = backendCommand({
  summary: "Show who changed what, latest first",
  arguments: [{ name: "REF", optional: true }],
  flags: {
    limit: number("N", "Entries at most, 1 to 1000 (default 100)", { min: 1, max: 1_000 }),
    after: text("CURSOR", "Go on after a page: its \"next\""),
  },
  async run(backend, [ref], { limit, after }) {
    const page = await backend.projects.audit(defined({ ref, limit, after }));
    const more = page.next === undefined ? "" : `\n\nThere are more: --after ${page.next}`;
    return { json: page, text: `${table(page.entries, AUDIT_COLUMNS, "Nothing was changed yet.")}${more}` };
  },
});
