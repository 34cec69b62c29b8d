import { readFile } from "node:fs/promises";
import process from "node:process";
import { text } from "node:stream/consumers";
import { UsageError } from "./command-error.ts";

/**
 * A secret from a file, "-" for standard input: arguments are to be seen by whoever is on the machine.
 * @throws UsageError
 */
export async function readSecret(file: string): Promise<string> {
  if (file === "-") return (await text(process.stdin)).trim();
  const content = await readFile(file, "utf8").catch((cause: unknown) => Promise.reject(new UsageError(`${file} can't be read: ${(cause as Error).message}`, { cause })));
  return content.trim();
}

export const readOptionalSecret = async (file: string | undefined): Promise<string | undefined> => (file === undefined ? undefined : readSecret(file));
