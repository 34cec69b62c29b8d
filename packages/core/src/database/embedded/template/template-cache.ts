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
import { DRAFT_PREFIX, sweepDrafts } from "./sweep-drafts.ts";
import { packTemplate, unpackTemplate } from "./template-archive.ts";

const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";

/**
 * The template that fresh databases are copies of: an initialised cluster, and the extensions' files. There is one for
 * each version of PGlite and each set-up, kept in `directory`: unpacked if this package has it, else made, which takes seconds.
 * @param setup statements to run in it, as the superuser
 * @param compileCache directory for what V8 makes of the code
 */
export async function templateIn(directory: string, setup: readonly string[], compileCache: string): Promise<TemplatePaths> {
  const name = await templateName(setup);
  const path = join(directory, name);
  await sweepDrafts(directory);
  if (!existsSync(path)) await makeOnce({ directory, name, setup, compileCache });
  return { cluster: join(path, "cluster"), extensions: join(path, "extensions") };
}

/** Templates that this process is making, by path: two databases opened at the same time must not both do that work. */
const making = new Map<string, Promise<void>>();

/**
 * Makes the template of `setup` anew and keeps it with this package, for whoever opens a database with the same set-up.
 * @param directory empty, to work in
 */
export async function keepTemplate(directory: string, setup: readonly string[], compileCache: string): Promise<void> {
  const draft = join(directory, "template");
  await build(draft, setup, compileCache);
  await packTemplate(await templateName(setup), draft);
}

interface Wanted {
  /** Of the cache. */
  readonly directory: string;
  readonly name: string;
  readonly setup: readonly string[];
  readonly compileCache: string;
}

function makeOnce(wanted: Wanted): Promise<void> {
  const path = join(wanted.directory, wanted.name);
  const underWay = making.get(path) ?? make(wanted, path).finally(() => making.delete(path));
  making.set(path, underWay);
  return underWay;
}

/** Made aside, then renamed: whoever comes second throws its own away. */
async function make({ directory, name, setup, compileCache }: Wanted, path: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const draft = join(directory, `${DRAFT_PREFIX}${randomUUID()}`);
  try {
    if (!(await unpackTemplate(name, draft))) await build(draft, setup, compileCache);
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
