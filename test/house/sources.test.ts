import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";

const root = path.join(import.meta.dirname, "../..");
const SOURCES = ["packages/*/src/**/*.ts", "adapters/*/src/**/*.ts"];

/** What the linter has no rule for. `except` are the places where it belongs. */
const RULES: ReadonlyArray<{ readonly title: string; readonly pattern: RegExp; readonly except?: RegExp }> = [
  { title: "an index names what it exports", pattern: /^export \*/m },
  { title: "the environment is read in one place", pattern: /\bprocess\.env\b/, except: /^packages\/(plinth\/src\/(config\/|cli\/|backend\/create-backend\.ts$)|testing\/src\/)/ },
  { title: "nothing is left to be done", pattern: /\b(TODO|FIXME|XXX)\b/ },
  { title: "relative imports name the file", pattern: /\bfrom "\.{1,2}\/[^"]*(?<!\.ts|\.json)"/ },
];

test.each(RULES)("$title", async ({ pattern, except }) => {
  const files = globSync(SOURCES, { cwd: root });
  expect(files.length).toBeGreaterThan(50);
  const breaking: string[] = [];
  for (const file of files) {
    if (except?.test(file) !== true && pattern.test(await readFile(path.join(root, file), "utf8"))) breaking.push(file);
  }
  expect(breaking).toEqual([]);
});

test("files are named in kebab-case, and not after nothing in particular", async () => {
  const files = globSync(SOURCES, { cwd: root });
  const odd = files.filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(path.basename(file)) || /(^|-)(manager|helpers?|utils?)\.ts$/.test(path.basename(file)));
  expect(odd).toEqual([]);
});
