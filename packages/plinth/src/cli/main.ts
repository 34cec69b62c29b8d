#!/usr/bin/env node
import process from "node:process";
import { type Command, type CommandGroup } from "./command.ts";
import { CommandError, UsageError } from "./command-error.ts";
import { COMMANDS } from "./commands/commands.ts";
import { explain } from "./explain.ts";
import { commandUsage, groupUsage, isGroup, usage } from "./usage.ts";
import { version } from "./version.ts";

const HELP = new Set(["help", "--help", "-h"]);
const VERSION = new Set(["--version", "-v"]);

async function main([name = "help", ...args]: string[]): Promise<number | undefined> {
  try {
    if (VERSION.has(name)) return show(version());
    if (HELP.has(name)) return show(args[0] === undefined ? usage(COMMANDS) : helpOf(args));
    return await runCommand(name, args);
  } catch (error) {
    process.stderr.write(`plinth: ${explain(error)}\n`);
    return error instanceof CommandError ? error.exitCode : 1;
  }
}

function show(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

async function runCommand(name: string, args: readonly string[]): Promise<number | undefined> {
  const entry = find(COMMANDS, name, name, usage(COMMANDS));
  if (!isGroup(entry)) return wantsHelp(args) ? show(commandUsage(name, entry)) : entry.run(args, name);
  const [inner, ...rest] = args;
  if (inner === undefined || HELP.has(inner)) return show(groupUsage(name, entry));
  const full = `${name} ${inner}`;
  const command = find(entry.commands, inner, full, groupUsage(name, entry));
  return wantsHelp(rest) ? show(commandUsage(full, command)) : command.run(rest, full);
}

function helpOf([name = "", inner]: readonly string[]): string {
  const entry = find(COMMANDS, name, name, usage(COMMANDS));
  if (!isGroup(entry)) return commandUsage(name, entry);
  if (inner === undefined) return groupUsage(name, entry);
  return commandUsage(`${name} ${inner}`, find(entry.commands, inner, `${name} ${inner}`, groupUsage(name, entry)));
}

function find<T extends Command | CommandGroup>(entries: Readonly<Record<string, T>>, name: string, full: string, help: string): T {
  const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
  if (entry === undefined) throw new UsageError(`there is no command "${full}".\n\n${help}`);
  return entry;
}

/** After "--" it is a value. */
function wantsHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end === -1 ? args.length : end).some((arg) => arg === "--help" || arg === "-h");
}

const code = await main(process.argv.slice(2));
if (code !== undefined) process.exit(code);
