import { mkdirSync, symlinkSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";

/** The template of fresh databases takes seconds to make: the one of other tests will do. */
export function shareTemplate(directory: string): void {
  const shared = path.join(tmpdir(), `plinth-${userInfo().username}`);
  mkdirSync(shared, { recursive: true, mode: 0o700 });
  try {
    symlinkSync(shared, path.join(directory, "template"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
