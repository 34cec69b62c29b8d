import process from "node:process";
import { createInterface } from "node:readline/promises";
import { CommandError, UsageError } from "./command-error.ts";

/**
 * Asks before something is done that can't be undone. Never waits where nobody is there to answer.
 * @throws UsageError where standard input is no terminal; CommandError where the answer is no
 */
export async function confirm(what: string, isConfirmed: boolean): Promise<void> {
  if (isConfirmed) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY) throw new UsageError(`${what}\nNothing was done. To do it, pass --yes.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${what}\nGo on? (yes/no) `);
    if (answer.trim().toLowerCase() !== "yes") throw new CommandError("nothing was done.");
  } finally {
    terminal.close();
  }
}
