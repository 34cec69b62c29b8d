import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";
import { type CompiledModule, pgliteFile, postgresModule } from "../postgres-module.ts";
import { startParameters } from "../worker/open-pglite.ts";
import { startThread, type ThreadInput } from "../worker/start-thread.ts";
import type { TemplatePaths } from "../worker/worker-protocol.ts";
import { EMBEDDED_EXTENSIONS, extensionBundle } from "./extensions.ts";
import { BASE_SETUP } from "./base-setup.ts";

const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";

/**
 * The template that fresh databases are copies of: an initialised cluster, and the extensions' files. It is made once for
 * each version of PGlite and each set-up, which takes seconds, and kept in `directory`.
 * @param setup statements to run in it, as the superuser
 * @param compileCache directory for what V8 makes of the code
 */
export async function templateIn(directory: string, setup: readonly string[], compileCache: string): Promise<TemplatePaths> {
  const path = join(directory, await templateName(setup));
  if (!existsSync(path)) await makeOnce(directory, path, setup, compileCache);
  return { cluster: join(path, "cluster"), extensions: join(path, "extensions") };
}

/** Templates that this process is making, by path: two databases opened at the same time must not both do that work. */
const making = new Map<string, Promise<void>>();

function makeOnce(directory: string, path: string, setup: readonly string[], compileCache: string): Promise<void> {
  const underWay = making.get(path) ?? make(directory, path, setup, compileCache).finally(() => making.delete(path));
  making.set(path, underWay);
  return underWay;
}

/** Made aside, then renamed: whoever comes second throws its own away. */
async function make(directory: string, path: string, setup: readonly string[], compileCache: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const draft = join(directory, `making-${randomUUID()}`);
  try {
    await build(draft, setup, compileCache);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(path)) throw error;
  }
}

async function build(directory: string, setup: readonly string[], compileCache: string): Promise<void> {
  await mkdir(directory, { mode: 0o700 });
  const input: TemplateInput = {
    directory,
    compileCache,
    postgres: await postgresModule(),
    setup: [...BASE_SETUP, ...setup],
    bundles: Object.fromEntries(EMBEDDED_EXTENSIONS.map((name) => [name, extensionBundle(name)])),
  };
  const worker = startThread(new URL(`./template-worker.${EXTENSION}`, import.meta.url), input);
  // `once` rejects with the thread's own error, if it has one.
  const [code] = (await once(worker, "exit")) as [number];
  if (code !== 0) throw new Error(`The database template could not be made: its thread ended with code ${code}.`);
}

/** Given to the thread that makes a template. */
export interface TemplateInput extends ThreadInput {
  readonly directory: string;
  readonly postgres: CompiledModule;
  readonly setup: readonly string[];
  /** Paths by name of the extension. */
  readonly bundles: Readonly<Record<string, string>>;
}

/** Everything the template is made from. */
async function templateName(setup: readonly string[]): Promise<string> {
  const { version } = JSON.parse(await readFile(pgliteFile("../package.json"), "utf8")) as { version: string };
  const made = JSON.stringify([BASE_SETUP, setup, startParameters("process"), EMBEDDED_EXTENSIONS]);
  return `template-${version}-${createHash("sha256").update(made).digest("hex").slice(0, 12)}`;
}
