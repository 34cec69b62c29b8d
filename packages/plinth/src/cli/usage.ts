import type { Argument, Command, CommandGroup, Commands } from "./command.ts";
import { type Flags, nameOf } from "./flags.ts";

const LAST_WORDS = `Flags win over the configuration file, the file over environment variables
(DATABASE_URL, PLINTH_DATA, PLINTH_MASTER_KEY, PLINTH_PREVIOUS_MASTER_KEYS,
PLINTH_JWT_SECRET).`;

export const isGroup = (entry: Command | CommandGroup): entry is CommandGroup => "commands" in entry;

/** Of all commands: a line for each. */
export function usage(commands: Commands): string {
  const lines: Array<readonly [string, string]> = listing(commands);
  const own: ReadonlyArray<readonly [string, string]> = [["help [COMMAND]", "Show this text, or how one command is used"], ["--version", "Show the version"]];
  return `Usage: plinth <command> [options]\n\nCommands\n${columns([...lines, ...own])}\n\n"plinth <command> --help" shows what a command takes. Exit codes: 0 done, 1 failed, 2 wrongly used.\n\n${LAST_WORDS}`;
}

export function groupUsage(name: string, { summary, commands }: CommandGroup): string {
  const lines = listing(commands);
  return `Usage: plinth ${name} <command> [options]\n\n${summary}\n\nCommands\n${columns(lines)}\n\n"plinth ${name} <command> --help" shows what a command takes.`;
}

/** Each command with what it takes; a group's below its name. */
function listing(commands: Commands, before = ""): Array<readonly [string, string]> {
  const indent = "  ".repeat(before.split(" ").length - 1);
  return Object.entries(commands).flatMap(([name, entry]): Array<readonly [string, string]> => {
    if (!isGroup(entry)) return [[`${indent}${synopsis(`${before}${name}`, entry.arguments)}`, entry.summary]];
    return [[`${indent}${before}${name} …`, entry.summary], ...listing(entry.commands, `${before}${name} `)];
  });
}

export function commandUsage(name: string, command: Command): string {
  return `Usage: plinth ${synopsis(name, command.arguments)} [options]\n\n${command.summary}\n\nOptions\n${columns(flagLines(command.flags))}\n\n${LAST_WORDS}`;
}

/** Name and value of each flag, and what it is for. */
export function flagLines(flags: Flags): ReadonlyArray<readonly [string, string]> {
  return Object.entries(flags).map(([key, { value, summary, repeats }]) => [`${nameOf(key)}${value === undefined ? "" : ` ${value}`}`, repeats ? `${summary} (may be repeated)` : summary] as const);
}

export const synopsis = (name: string, names: readonly Argument[]): string => [name, ...names.map((argument) => (argument.optional ? `[${argument.name}]` : argument.name))].join(" ");

function columns(lines: ReadonlyArray<readonly [string, string]>): string {
  const width = Math.max(...lines.map(([left]) => left.length));
  return lines.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}
