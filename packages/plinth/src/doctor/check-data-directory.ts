import { access, constants, mkdir } from "node:fs/promises";
import path from "node:path";
import { type Finding, ok, problem } from "./check.ts";

/** The embedded database and the master key live here: it must be there, or be made, and be written to. */
export async function checkDataDirectory(directory: string): Promise<Finding> {
  const absolute = path.resolve(directory);
  try {
    await mkdir(absolute, { recursive: true });
    await access(absolute, constants.R_OK | constants.W_OK | constants.X_OK);
    return ok("Data folder", absolute);
  } catch (error) {
    return problem("Data folder", `${absolute} can't be written to: ${(error as Error).message}`, "Choose another folder with --data or dataDirectory, or change its owner.");
  }
}
