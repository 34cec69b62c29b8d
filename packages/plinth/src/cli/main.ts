#!/usr/bin/env node
import process from "node:process";
import { BackendError } from "@plinth/core";
import { dev } from "./dev.ts";
import { doctor } from "./doctor.ts";
import { UsageError } from "./usage-error.ts";
import { USAGE } from "./usage.ts";

/** A command takes its arguments and gives the process's exit code; undefined keeps it running. */
type Command = (args: string[]) => Promise<number | undefined>;

const COMMANDS: Readonly<Record<string, Command>> = {
  dev,
  doctor,
  help: async () => print(USAGE, 0),
  "--help": async () => print(USAGE, 0),
  "-h": async () => print(USAGE, 0),
};

async function main([name = "help", ...args]: string[]): Promise<number | undefined> {
  const command = COMMANDS[name];
  if (!command) return print(`plinth: there is no command "${name}".\n\n${USAGE}`, 2);
  try {
    return await command(args);
  } catch (error) {
    return print(explain(error), error instanceof UsageError ? 2 : 1);
  }
}

/** What went wrong, in words; a stack only where nobody foresaw the error. */
function explain(error: unknown): string {
  if (error instanceof UsageError) return `plinth: ${error.message}`;
  if (error instanceof BackendError) {
    const lines = [`plinth: ${error.message} (${error.code})`, textOf(error.details), error.hint, causeOf(error)];
    return lines.filter(Boolean).join("\n  ");
  }
  return `plinth: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

const textOf = (details: unknown): string | undefined => (typeof details === "string" ? details : undefined);

const causeOf = ({ cause }: BackendError): string | undefined => (cause instanceof Error ? `Reason: ${cause.message || (cause as { code?: string }).code}` : undefined);

function print(text: string, code: number): number {
  (code === 0 ? process.stdout : process.stderr).write(`${text}\n`);
  return code;
}

const code = await main(process.argv.slice(2));
if (code !== undefined) process.exit(code);
