#!/usr/bin/env node
import process from "node:process";
import type { Command, CommandGroup, Commands } from "./command.ts";
import { CommandError, UsageError } from "./command-error.ts";
import { COMMANDS } from "./commands/commands.ts";
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
    if (error instanceof CommandError) return complain(error.message, error.exitCode);
    const { explain } = await import("./explain.ts");
    return complain(explain(error), 1);
  }
}

function show(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function complain(text: string, exitCode: number): number {
  process.stderr.write(`plinth: ${text}\n`);
  return exitCode;
}

async function runCommand(name: string, args: readonly string[]): Promise<number | undefined> {
  const { entry, path, rest } = follow([name, ...args]);
  if (isGroup(entry)) return show(groupUsage(path, entry));
  return wantsHelp(rest) ? show(commandUsage(path, entry)) : entry.run(rest, path);
}

function helpOf(words: readonly string[]): string {
  const { entry, path } = follow(words);
  return isGroup(entry) ? groupUsage(path, entry) : commandUsage(path, entry);
}

interface Found {
  readonly entry: Command | CommandGroup;
  /** Its name with those of its groups: "keys signing list". */
  readonly path: string;
  readonly rest: readonly string[];
}

/**
 * The command that the words begin with; a group where they go no further.
 * @throws UsageError
 */
function follow(words: readonly string[], commands: Commands = COMMANDS, before = "", help = usage(COMMANDS)): Found {
  const [name = "", ...rest] = words;
  const path = `${before}${name}`;
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) throw new UsageError(`there is no command "${path}".\n\n${help}`);
  if (!isGroup(entry) || rest[0] === undefined || HELP.has(rest[0])) return { entry, path, rest };
  return follow(rest, entry.commands, `${path} `, groupUsage(path, entry));
}

/** After "--" it is a value. */
function wantsHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end === -1 ? args.length : end).some((arg) => arg === "--help" || arg === "-h");
}

const code = await main(process.argv.slice(2));
if (code !== undefined) process.exit(code);
