import type { Command, Commands } from "../packages/plinth/src/cli/command.ts";
import { COMMANDS } from "../packages/plinth/src/cli/commands/commands.ts";
import { BACKEND_FLAGS } from "../packages/plinth/src/cli/backend-command.ts";
import { flagLines, isGroup, synopsis } from "../packages/plinth/src/cli/usage.ts";

const INTRODUCTION = `# Command line

Made by \`npm run cli-page\` from the tables of commands in the sources: don't edit it by hand.

\`npx plinth <command>\`, in the folder of your server: it finds the configuration (\`plinth.config.ts\` or \`.mjs\`), the data folder (\`./.plinth\`) and \`DATABASE_URL\` there. Flags win over the configuration file, the file over environment variables (\`DATABASE_URL\`, \`PLINTH_DATA\`, \`PLINTH_MASTER_KEY\`, \`PLINTH_PREVIOUS_MASTER_KEYS\`, \`PLINTH_JWT_SECRET\`).

- **Answers** go to standard output: tables and lines for people, one line of JSON with \`--json\`. Progress and errors go to standard error.
- **Exit codes**: 0 done; 1 failed, or done in part; 2 wrongly used, nothing was done.
- **What can't be undone** is asked about on a terminal. Elsewhere nothing waits for an answer: pass \`--yes\`.
- **Secrets** (passphrases, master keys) are read from files or standard input (\`-\`), never from arguments.
- **A data folder** is one process's. While a server has it open, commands that work on it end with \`PLINTH_DIRECTORY_LOCKED\` and say which process that is. On a PostgreSQL server they work beside the servers that are running, which hear of changes within a second.
- Commands neither make nor migrate the default project. What they change is in the audit log with the actor \`cli\`.
`;

const SHARED = new Set(Object.keys(BACKEND_FLAGS));

/** The text of docs/cli.md. */
export function renderCliPage(): string {
  const shared = `## Options of every command but dev and doctor\n\n${flagTable(BACKEND_FLAGS)}`;
  return `${[INTRODUCTION.trimEnd(), ...sections(COMMANDS), shared].join("\n\n")}\n`;
}

function sections(commands: Commands, before = ""): readonly string[] {
  return Object.entries(commands).flatMap(([name, entry]) => {
    const title = `${before}${name}`;
    const level = before === "" ? "##" : "###";
    if (!isGroup(entry)) return [section(title, entry, level)];
    return [...(before === "" ? [`## ${title}\n\n${entry.summary}.`] : []), ...sections(entry.commands, `${title} `)];
  });
}

function section(name: string, command: Command, level: string): string {
  const own = Object.fromEntries(Object.entries(command.flags).filter(([flag, value]) => !(SHARED.has(flag) && BACKEND_FLAGS[flag as keyof typeof BACKEND_FLAGS] === value)));
  const flags = Object.keys(own).length > 0 ? `\n\n${flagTable(own)}` : "";
  return `${level} ${synopsis(name, command.arguments)}\n\n${command.summary}.${flags}`;
}

function flagTable(flags: Command["flags"]): string {
  const rows = flagLines(flags).map(([flag, summary]) => `| \`${flag}\` | ${summary.replaceAll("|", "\\|")} |`);
  return `| option | |\n| --- | --- |\n${rows.join("\n")}`;
}
