import { execFile } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const root = path.join(import.meta.dirname, "../..");

interface Entry {
  readonly "plinth-source": string;
}

/** What each entry of each package exports at run time: a change here is a change of the public interface. */
test("packages export these names, and no default", async () => {
  const names = await exportedNames(await entries());
  expect(Object.values(names).flat()).not.toContain("default");
  await expect(`${JSON.stringify(names, undefined, 2)}\n`).toMatchFileSnapshot("public-names.json");
});

/** Asked of a process of its own, as a host would import them; that it ends shows that importing starts nothing. */
async function exportedNames(files: Readonly<Record<string, string>>): Promise<Readonly<Record<string, readonly string[]>>> {
  const script = `
    const names = {};
    for (const [entry, file] of Object.entries(${JSON.stringify(files)})) names[entry] = Object.keys(await import(file)).sort();
    console.log(JSON.stringify(names));`;
  const { stdout } = await run(process.execPath, ["--conditions=plinth-source", "--input-type=module", "-e", script], { timeout: 25_000 });
  return JSON.parse(stdout) as Record<string, string[]>;
}

async function entries(): Promise<Readonly<Record<string, string>>> {
  const manifests = globSync(["packages/*/package.json", "adapters/*/package.json"], { cwd: root });
  const found: Record<string, string> = {};
  for (const manifest of manifests.toSorted()) {
    const folder = path.join(root, path.dirname(manifest));
    const { name, exports } = JSON.parse(await readFile(path.join(root, manifest), "utf8")) as { name: string; exports: Record<string, Entry> };
    for (const [subpath, entry] of Object.entries(exports)) {
      const file = path.join(folder, entry["plinth-source"]);
      expect(existsSync(file), `${name} has no ${entry["plinth-source"]}`).toBe(true);
      found[path.join(name, subpath)] = file;
    }
  }
  return found;
}
