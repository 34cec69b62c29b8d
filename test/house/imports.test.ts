import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = path.join(import.meta.dirname, "../..");
const depcruise = path.join(root, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");
const run = promisify(execFile);

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

/** A small copy of the layout in which every import is wrong, by the rule that has to say so. */
const BAD: Readonly<Record<string, readonly [file: string, source: string]>> = {
  "no-cycles": ["packages/core/src/cycle-a.ts", 'import type { B } from "./cycle-b.ts"; export type A = B | 1;'],
  resolvable: ["packages/rest/src/inside.ts", 'import { core } from "@plinth/core/src/index.ts"; export const a = core;'],
  "core-imports-no-package": ["packages/core/src/up.ts", 'import type { Rest } from "@plinth/rest"; export type Up = Rest;'],
  "services-import-core-alone": ["packages/auth/src/sideways.ts", 'import { rest } from "@plinth/rest"; export const sideways = rest;'],
  "plinth-imports-no-adapter-but-node": ["packages/plinth/src/adapter.ts", 'import { express } from "@plinth/express"; export const adapter = express;'],
  "testing-imports-no-adapter": ["packages/testing/src/adapter.ts", 'import { express } from "@plinth/express"; export const adapter = express;'],
  "adapters-import-no-service": ["adapters/express/src/service.ts", 'import { rest } from "@plinth/rest"; export const service = rest;'],
  "other-packages-by-name": ["packages/rest/src/relative.ts", 'import { core } from "../../core/src/index.ts"; export const relative = core;'],
  "sources-import-no-tests": ["packages/core/src/tested.ts", 'import { fixture } from "../test/fixture.ts"; export const tested = fixture;'],
  "declared-dependencies": ["packages/rest/src/undeclared.ts", 'import { LRUCache } from "lru-cache"; export const undeclared = LRUCache;'],
  "rest-plan-knows-no-later-stage": ["packages/rest/src/plan/later.ts", 'import type { Query } from "../query/query.ts"; export type Later = Query;'],
  "rest-response-imports-types-of-earlier-stages": ["packages/rest/src/response/code.ts", 'import { build } from "../query/query.ts"; export const code = build;'],
};

const GOOD: Readonly<Record<string, string>> = {
  "packages/core/src/index.ts": "export const core = 1; export type Core = 1;",
  "packages/core/src/cycle-b.ts": 'import type { A } from "./cycle-a.ts"; export type B = A | 2;',
  "packages/core/test/fixture.ts": "export const fixture = 1;",
  "packages/rest/src/index.ts": 'import { core } from "@plinth/core"; export const rest = core; export type Rest = 1;',
  "packages/rest/src/query/query.ts": "export const build = 1; export type Query = 1;",
  "packages/rest/src/response/types.ts": 'import type { Query } from "../query/query.ts"; export type Answer = Query;',
  "packages/plinth/src/index.ts": 'import { rest } from "@plinth/rest"; import { node } from "@plinth/node"; export const plinth = [rest, node];',
  "adapters/node/src/index.ts": 'import { core } from "@plinth/core"; export const node = core;',
  "adapters/express/src/index.ts": 'import { node } from "@plinth/node"; export const express = node;',
};

const PACKAGES: Readonly<Record<string, string>> = {
  "packages/core": "@plinth/core",
  "packages/rest": "@plinth/rest",
  "packages/auth": "@plinth/auth",
  "packages/plinth": "plinth",
  "packages/testing": "@plinth/testing",
  "adapters/node": "@plinth/node",
  "adapters/express": "@plinth/express",
};

const folder = mkdtempSync(path.join(tmpdir(), "plinth-imports-"));
let violations: readonly Violation[] = [];

beforeAll(async () => {
  const every = Object.fromEntries(Object.values(PACKAGES).map((name) => [name, "1"]));
  for (const [place, name] of Object.entries(PACKAGES)) {
    write(`${place}/package.json`, JSON.stringify({ name, version: "1.0.0", type: "module", exports: { ".": { "plinth-source": "./src/index.ts" } }, dependencies: every }));
    mkdirSync(path.join(folder, "node_modules", path.dirname(name)), { recursive: true });
    symlinkSync(path.join(folder, place), path.join(folder, "node_modules", name));
  }
  write("node_modules/lru-cache/package.json", '{ "name": "lru-cache", "version": "1.0.0", "main": "index.js" }');
  write("node_modules/lru-cache/index.js", "exports.LRUCache = 1;");
  write("package.json", '{ "name": "layout", "type": "module", "private": true }');
  write("tsconfig.json", '{ "compilerOptions": { "module": "NodeNext", "moduleResolution": "NodeNext", "customConditions": ["plinth-source"], "allowImportingTsExtensions": true } }');
  for (const [file, source] of [...Object.entries(GOOD), ...Object.values(BAD)]) write(file, source);
  const { stdout } = await run(process.execPath, [depcruise, "--config", path.join(root, ".dependency-cruiser.mjs"), "--output-type", "json", "packages", "adapters"], { cwd: folder, maxBuffer: 1 << 26 }).catch((error: unknown) => error as { stdout: string });
  violations = (JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(Object.entries(BAD))("the rule %s finds what breaks it", (rule, [file]) => {
  expect(violations.filter(({ from }) => from === file).map((violation) => violation.rule.name)).toContain(rule);
});

test("what keeps the rules passes", () => {
  const good = Object.keys(GOOD).filter((file) => !file.includes("cycle"));
  expect(violations.filter(({ from }) => good.includes(from))).toEqual([]);
});

function write(file: string, content: string): void {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), content);
}
