import { BackendError } from "@plinth/core";
import { ASSETS_ERRORS } from "../errors.ts";

const MAX_BYTES = 1_024;
/** What no path of a site has: backslashes and drives lead elsewhere on some systems, control characters and halves of pairs nowhere. */
const FORBIDDEN = /[\\\p{Cc}\p{Surrogate}]|^[A-Za-z]:/u;

/** What is wrong with a path; undefined: nothing. */
export function pathProblem(path: string): string | undefined {
  if (path === "") return "it is empty";
  if (path.startsWith("/")) return "it is absolute";
  if (FORBIDDEN.test(path)) return "it has characters that no path may have";
  if (Buffer.byteLength(path) > MAX_BYTES) return `it is longer than ${MAX_BYTES} bytes`;
  const parts = path.split("/");
  if (parts.includes("..")) return "it leads out of the site";
  return parts.some((part) => part === "" || part === ".") ? "it has an empty part" : undefined;
}

/** A path in the one form that it is kept in: Unicode's NFC. @throws BackendError PLINTH_ASSETS_INVALID_PATH */
export function filePath(given: string): string {
  const path = given.normalize("NFC");
  const problem = pathProblem(path);
  if (problem !== undefined) throw new BackendError(ASSETS_ERRORS.invalidPath, { message: `${JSON.stringify(given.slice(0, 200))} is no path that a file can have: ${problem}.` });
  return path;
}
