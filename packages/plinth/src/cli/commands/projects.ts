import type { CommandGroup } from "../command.ts";
import { auditProjects, listProjects, showProject } from "./projects-read.ts";
import { createProject, renameProject, updateProject } from "./projects-write.ts";
import { exportProject, importProject, moveProject } from "./projects-transfer.ts";
import { deleteProject, pauseProject, releaseProject, restoreProject, resumeProject, sweepProjects, upgradeProjects } from "./projects-life.ts";

export const projects: CommandGroup = {
  summary: "Make, change, list and delete projects",
  commands: {
    list: listProjects,
    get: showProject,
    create: createProject,
    update: updateProject,
    rename: renameProject,
    pause: pauseProject,
    resume: resumeProject,
    delete: deleteProject,
    restore: restoreProject,
    move: moveProject,
    export: exportProject,
    import: importProject,
    sweep: sweepProjects,
    upgrade: upgradeProjects,
    release: releaseProject,
    audit: auditProjects,
  },
};
