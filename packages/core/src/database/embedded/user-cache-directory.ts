import { lstatSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/**
 * A directory of this user's among the temporary files. What is kept there is run as code, so one that somebody else has
 * put there, or can write to, is not used: then a new one is made for this once.
 */
export function userCacheDirectory(): string {
  const { username, uid } = userInfo();
  const directory = join(tmpdir(), `plinth-${username}`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const found = lstatSync(directory);
  // Windows has no such numbers, and a temporary folder for each user.
  const trusted = process.platform === "win32" || (found.isDirectory() && found.uid === uid && (found.mode & 0o022) === 0);
  return trusted ? directory : mkdtempSync(join(tmpdir(), "plinth-cache-"));
}
