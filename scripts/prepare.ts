import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { embeddedSetup, keepTemplate } from "@plinth/core";
import { createServices, setupOf } from "../packages/plinth/src/backend/services.ts";
import { readConfig } from "../packages/plinth/src/config/backend-config.ts";

// Run by `npm install` here, and before packages are packed: does once what the first start would have to do, which is
// to make the template of embedded databases, and to take the types out of the sources (see compile-cache.cjs).
const root = path.join(import.meta.dirname, "..");
const templates = path.join(root, "packages/core/templates");
const fresh = process.argv.includes("--fresh");

if (fresh || !existsSync(templates) || (await readdir(templates)).length === 0) {
  const directory = await mkdtemp(path.join(os.tmpdir(), "plinth-template-"));
  try {
    await keepTemplate(directory, embeddedSetup(setupOf(createServices(readConfig({}, process.env)))), path.join(root, "node_modules/.cache/compiled"));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
await keepPgDump(path.join(root, "node_modules/@electric-sql/pglite-tools"), path.join(root, "packages/core/pg-dump"));
await Promise.all([import("plinth"), import("@plinth/express")]);

/** pg_dump as WebAssembly, for transfers of projects; why it is copied rather than depended on: docs/decisions/0085. */
async function keepPgDump(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const names = (await readdir(path.join(from, "dist"))).filter((name) => /^(pg_dump|chunk-\w+)\.(js|wasm)$/.test(name));
  await Promise.all([cp(path.join(from, "LICENSE"), path.join(to, "LICENSE")), ...names.map((name) => cp(path.join(from, "dist", name), path.join(to, name)))]);
}
