import type { ProjectDomain } from "@plinth/core";
import { type Column, table } from "../answer.ts";
import { backendCommand } from "../backend-command.ts";
import type { CommandGroup } from "../command.ts";

const COLUMNS: readonly Column<ProjectDomain>[] = [
  ["DOMAIN", ({ domain }) => domain],
  ["CREATED", ({ createdAt }) => createdAt],
];

const REF_AND_DOMAIN = [{ name: "REF" }, { name: "DOMAIN" }];

export const domains: CommandGroup = {
  summary: "Add, list and remove host names that lead to a project",
  commands: {
    list: backendCommand({
      summary: "List a project's domains",
      arguments: [{ name: "REF" }],
      async run(backend, [ref = ""]) {
        const listed = await backend.projects.domains(ref).list();
        return { json: { domains: listed }, text: table(listed, COLUMNS, "No domains.") };
      },
    }),
    add: backendCommand({
      summary: "Make requests to a host be for the project",
      arguments: REF_AND_DOMAIN,
      async run(backend, [ref = "", domain = ""]) {
        const added = await backend.projects.domains(ref).add(domain);
        return { json: added, text: `${added.domain} leads to the project "${ref}".` };
      },
    }),
    remove: backendCommand({
      summary: "Take a domain away from the project",
      arguments: REF_AND_DOMAIN,
      confirm: ([ref, domain]) => `Requests to ${domain} will no longer find the project "${ref}".`,
      async run(backend, [ref = "", domain = ""]) {
        await backend.projects.domains(ref).remove(domain);
        return { json: { domain, removed: true }, text: `${domain} leads to the project "${ref}" no more.` };
      },
    }),
  },
};
