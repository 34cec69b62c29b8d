import { BackendError } from "@plinth/core";
import { ASSETS_ERRORS } from "../errors.ts";
import { pathProblem } from "../files/file-path.ts";

/**
 * The path of an archive's entry, "" for its root: "./a", as `tar -C folder .` writes it, is "a". Everything else that isn't
 * plain is refused rather than put right: who packs a site has no need of it.
 * @throws BackendError PLINTH_ASSETS_ARCHIVE_REFUSED
 */
export function entryPath(name: string): string {
  const path = name.replace(/^(?:\.\/+)+/, "").replace(/\/$/, "").normalize("NFC");
  if (path === "" || path === ".") return "";
  const problem = pathProblem(path);
  if (problem === undefined) return path;
  throw new BackendError(ASSETS_ERRORS.archiveRefused, { message: `${JSON.stringify(name.slice(0, 200))} is no path that a file can have: ${problem}.` });
}
