#!/usr/bin/env node
import process from "node:process";
import { UsageError, CommandError } from "./command-error.ts";
import { dev } from "./dev.ts";
import { doctor } from "./doctor.ts";
import { explain } from "./explain.ts";
import { USAGE } from "./usage.ts";
import { version } from "./version.ts";

/** A command takes its arguments and gives the process's exit code; undefined keeps it running. */
type Command = (args: string[]) => Promise<number | undefined>;

const say = (text: string): Command => async () => {
  process.stdout.write(`${text}\n`);
  return 0;
};

const COMMANDS: Readonly<Record<string, Command>> = {
  dev,
  doctor,
  help: say(USAGE),
  "--help": say(USAGE),
  "-h": say(USAGE),
  "--version": say(version()),
  "-v": say(version()),
};

async function main([name = "help", ...args]: string[]): Promise<number | undefined> {
  try {
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!command) throw new UsageError(`there is no command "${name}".\n\n${USAGE}`);
    if (args.includes("--help") || args.includes("-h")) return await say(USAGE)(args);
    return await command(args);
  } catch (error) {
    process.stderr.write(`plinth: ${explain(error)}\n`);
    return error instanceof CommandError ? error.exitCode : 1;
  }
}

const code = await main(process.argv.slice(2));
if (code !== undefined) process.exit(code);
