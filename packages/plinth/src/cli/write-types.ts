import { readFile, rename, rm, writeFile } from "node:fs/promises";
import process from "node:process";
import { CommandError } from "./command-error.ts";

/**
 * Puts generated code into a file, whole or not at all; a file that has it already isn't touched, so that nothing which
 * watches it is set going.
 * @returns false where nothing had to be written
 * @throws CommandError where it can't be written
 */
export async function writeTypes(file: string, types: string): Promise<boolean> {
  if ((await readFile(file, "utf8").catch(() => undefined)) === types) return false;
  const draft = `${file}.${process.pid}.part`;
  try {
    await writeFile(draft, types);
    await rename(draft, file);
    return true;
  } catch (error) {
    await rm(draft, { force: true });
    throw new CommandError(`${file} can't be written: ${(error as Error).message}`, { cause: error });
  }
}
