import type { Project } from "@plinth/core";
import type { Answer } from "../answer.ts";
import { backendCommand } from "../backend-command.ts";
import { duration, number, toggle } from "../flags.ts";
import { defined } from "./defined.ts";

export const pauseProject = backendCommand({
  summary: "Stop serving a project: requests get a 503",
  arguments: [{ name: "REF" }],
  run: async (backend, [ref = ""]) => done(await backend.projects.pause(ref), "is paused"),
});

export const resumeProject = backendCommand({
  summary: "Serve a paused project again",
  arguments: [{ name: "REF" }],
  run: async (backend, [ref = ""]) => done(await backend.projects.resume(ref), "is served again"),
});

export const deleteProject = backendCommand({
  summary: "Delete a project, with its database unless that was adopted",
  arguments: [{ name: "REF" }],
  flags: {
    grace: duration("For how long it can be restored: 90s, 15m, 12h, 30d (default: what the configuration says)"),
    now: toggle("Drop it at once, also where it was deleted before"),
  },
  confirm: ([ref], { now, grace }) => (now || grace === 0 ? `This deletes the project "${ref}" and its database for good.` : `This deletes the project "${ref}".`),
  async run(backend, [ref = ""], { grace, now }) {
    await backend.projects.delete(ref, defined({ graceMs: now ? 0 : grace }));
    const left = await backend.projects.get(ref).catch((error: unknown) => (isNotFound(error) ? undefined : Promise.reject(error)));
    const until = left?.deleteAfter;
    return { json: { ref, deleted: true, restorableUntil: until ?? null }, text: until === undefined ? `The project "${ref}" is gone.` : `The project "${ref}" is deleted, and can be restored until ${until.toISOString()}: plinth projects restore ${ref}` };
  },
});

export const restoreProject = backendCommand({
  summary: "Bring back a deleted project while its time of grace lasts",
  arguments: [{ name: "REF" }],
  run: async (backend, [ref = ""]) => done(await backend.projects.restore(ref), "is back"),
});

export const sweepProjects = backendCommand({
  summary: "Drop projects whose time of grace is over, and finish what a crash broke off",
  async run(backend) {
    const { purged, finished, failed } = await backend.projects.sweepDeleted();
    const lines = [...purged.map((ref) => `${ref}: dropped`), ...finished.map((ref) => `${ref}: brought to its end`), ...failed.map(({ ref, error }) => `${ref}: ${messageOf(error)}`)];
    return { json: { purged, finished, failed: failed.map(inWords) }, text: lines.join("\n") || "Nothing to do.", code: failed.length > 0 ? 1 : 0 };
  },
});

export const upgradeProjects = backendCommand({
  summary: "Give projects' databases the present set-up, after an update of Plinth",
  arguments: [{ name: "REF", optional: true }],
  flags: { concurrency: number("N", "Projects at the same time (default 4)", { min: 1, max: 100 }) },
  async run(backend, [ref], { concurrency }) {
    const { upgraded, failed } = await backend.projects.upgrade(ref, defined({ concurrency }));
    const lines = [...upgraded.map((each) => `${each}: upgraded`), ...failed.map(({ ref: each, error }) => `${each}: ${messageOf(error)}`)];
    return { json: { upgraded, failed: failed.map(inWords) }, text: lines.join("\n") || "All are up to date.", code: failed.length > 0 ? 1 : 0 };
  },
});

export const releaseProject = backendCommand({
  summary: "Let migrations have a project again that one of them had failed on",
  arguments: [{ name: "REF" }],
  async run(backend, [ref = ""]) {
    const released = await backend.releaseQuarantine(ref, "cli");
    return { json: { ref, released }, text: released ? `The project "${ref}" is no longer in quarantine.` : `The project "${ref}" was in no quarantine.` };
  },
});

const done = (project: Project, what: string): Answer => ({ json: project, text: `The project "${project.ref}" ${what}.` });

const isNotFound = (error: unknown): boolean => (error as { code?: string }).code === "PLINTH_PROJECT_NOT_FOUND";

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const inWords = ({ ref, error }: { readonly ref: string; readonly error: unknown }) => ({ ref, error: messageOf(error) });
