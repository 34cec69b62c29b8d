import type { ProjectDomain } from "@plinth/core";
import { type Column, table } from "../answer.ts";
import { backendCommand } from "../backend-command.ts";
import type { CommandGroup } from "../command.ts";
import { choice } from "../flags.ts";

const COLUMNS: readonly Column<ProjectDomain>[] = [
  ["DOMAIN", ({ domain }) => domain],
  ["SERVES", ({ serves }) => serves],
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
      flags: { serves: choice(["api", "site"], "What answers there: all services, or the project's site alone (default api)") },
      async run(backend, [ref = "", domain = ""], { serves }) {
        const added = await backend.projects.domains(ref).add(domain, serves === undefined ? {} : { serves });
        return { json: added, text: `${added.domain} leads to ${added.serves === "site" ? "the site of " : ""}the project "${ref}".` };
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
