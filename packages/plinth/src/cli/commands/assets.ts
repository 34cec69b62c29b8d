import type { Release } from "@plinth/assets";
import { type Column, table } from "../answer.ts";
import { backendCommand } from "../backend-command.ts";
import type { CommandGroup } from "../command.ts";
import { text } from "../flags.ts";

const COLUMNS: readonly Column<Release>[] = [
  ["RELEASE", ({ id }) => id],
  ["LABEL", ({ label }) => label ?? undefined],
  ["FILES", ({ files }) => files],
  ["BYTES", ({ bytes }) => bytes],
  ["PUBLISHED", ({ publishedAt }) => publishedAt],
  ["SERVED", ({ isCurrent }) => (isCurrent ? "yes" : undefined)],
];

const project = text("REF", "The project whose site it is (default: the default project)");

export const assets: CommandGroup = {
  summary: "Publish a project's site, and take it back",
  commands: {
    publish: backendCommand({
      summary: "Serve the files of a folder in place of what is served now",
      arguments: [{ name: "FOLDER" }],
      flags: { project, label: text("TEXT", "What the release is called in lists") },
      async run(backend, [folder = ""], { project: ref, label }) {
        const release = await (await backend.tenant(ref)).assets.publish({ folder }, { label });
        const served = `Release ${release.id} is served: ${release.files} files, ${release.storedBytes} new bytes of ${release.bytes}.`;
        return { json: release, text: [served, ...release.problems].join("\n") };
      },
    }),
    releases: backendCommand({
      summary: "List the releases that are kept",
      flags: { project },
      async run(backend, _values, { project: ref }) {
        const releases = await (await backend.tenant(ref)).assets.releases();
        return { json: { releases }, text: table(releases, COLUMNS, "Nothing was published yet.") };
      },
    }),
    rollback: backendCommand({
      summary: "Serve an earlier release again",
      flags: { project, release: text("ID", "Which one (default: the one before that which is served)") },
      async run(backend, _values, { project: ref, release: id }) {
        const release = await (await backend.tenant(ref)).assets.rollback(id);
        return { json: release, text: `Release ${release.id} is served again: ${release.files} files.` };
      },
    }),
  },
};
