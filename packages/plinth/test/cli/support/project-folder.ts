import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";

/** Fresh embedded databases are copies of a template that takes seconds to make: shared by all that run here. */
const TEMPLATES = path.join(tmpdir(), `plinth-${userInfo().username}`);

/** A folder as a user has it, with these files in it; gone with the test. */
export function projectFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(path.join(tmpdir(), "plinth-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  mkdirSync(path.join(folder, ".plinth"));
  mkdirSync(TEMPLATES, { recursive: true, mode: 0o700 });
  symlinkSync(TEMPLATES, path.join(folder, ".plinth", "template"));
  for (const [name, text] of Object.entries(files)) write(folder, name, text);
  return folder;
}

export function write(folder: string, name: string, text: string): void {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
