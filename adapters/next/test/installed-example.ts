import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const repository = path.resolve(import.meta.dirname, "../../..");
const modules = path.join(repository, "node_modules");

const OURS = { "@plinth/core": "packages/core", "@plinth/rest": "packages/rest", "@plinth/node": "adapters/node", "@plinth/next": "adapters/next", plinth: "packages/plinth" };

/** What the workspace has linked rather than installed, and what is no package. */
const LINKED = /^(?:\.|plinth$|@plinth$|example-)/;

/**
 * The example as a user has it: our packages built, and in node_modules rather than linked there,
 * as Next.js bundles linked packages whatever `serverExternalPackages` says.
 * @returns the folder, for the caller to remove
 */
export async function installExample(): Promise<string> {
  await run(process.execPath, [path.join(modules, "typescript/bin/tsc"), "-b", "tsconfig.build.json"], { cwd: repository });
  const folder = await mkdtemp(path.join(tmpdir(), "plinth-next-"));
  const example = path.join(repository, "examples/next-app");
  await cp(example, folder, { recursive: true, filter: (file) => !/\.next|next-env/.test(path.relative(example, file)) });
  await mkdir(path.join(folder, "node_modules/@plinth"), { recursive: true });
  const installed = (await readdir(modules)).filter((name) => !LINKED.test(name));
  await Promise.all(installed.map((name) => symlink(path.join(modules, name), path.join(folder, "node_modules", name))));
  for (const [name, source] of Object.entries(OURS)) {
    for (const part of ["package.json", "dist"]) await cp(path.join(repository, source, part), path.join(folder, "node_modules", name, part), { recursive: true });
  }
  await allowLinks(folder);
  return folder;
}

/** The other packages are links out of the folder here, which a user's are not. */
async function allowLinks(folder: string): Promise<void> {
  await cp(path.join(folder, "next.config.ts"), path.join(folder, "example.config.ts"));
  await writeFile(path.join(folder, "next.config.ts"), `import config from "./example.config";\nexport default { ...config, turbopack: { root: "/" }, outputFileTracingRoot: "/" };\n`);
}
