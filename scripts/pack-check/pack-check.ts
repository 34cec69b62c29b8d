/**
 * Packs every package as npm would publish it, checks the tarballs with publint and arethetypeswrong, installs them into
 * an empty project, type-checks the README's examples there and runs a backend. Needs `npm run build` before.
 */
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { type Publishable, publishablePackages, root } from "./publishable.ts";
import { readmeBlocks } from "./readme-blocks.ts";

/** What the README's examples import besides. Versions are those the workspace has. */
const COMPANIONS = ["express", "@types/express", "@types/node", "@supabase/supabase-js", "typescript"];

const work = mkdtempSync(path.join(tmpdir(), "plinth-pack-"));
process.once("exit", () => rmSync(work, { recursive: true, force: true }));

const tarballs = publishablePackages().map((target) => pack(target));
// Two at a time: each tool keeps one core busy.
await Promise.all([checkTarballs(0), checkTarballs(1)]);
const consumer = await installConsumer();
typeCheck(consumer);
await step("run the consumer", process.execPath, ["consumer.ts"], consumer);
await step("run the command", path.join(consumer, "node_modules/.bin/plinth"), ["--help"], consumer);

function pack({ name, folder }: Publishable): string {
  const output = execFileSync("npm", ["pack", "--json", "--pack-destination", work], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const [packed] = JSON.parse(output) as ReadonlyArray<{ readonly filename: string }>;
  if (packed === undefined) throw new Error(`npm pack made nothing of ${name}.`);
  console.log(`packed ${name}`);
  return path.join(work, path.basename(packed.filename));
}

async function checkTarballs(remainder: number): Promise<void> {
  for (const tarball of tarballs.filter((_, index) => index % 2 === remainder)) await checkTarball(tarball);
}

async function checkTarball(tarball: string): Promise<void> {
  const name = path.basename(tarball);
  await step(`publint ${name}`, path.join(root, "node_modules/.bin/publint"), ["run", tarball, "--strict"], root);
  await step(`attw ${name}`, path.join(root, "node_modules/.bin/attw"), [tarball, "--profile", "esm-only", "--no-emoji", "--format", "ascii"], root);
}

async function installConsumer(): Promise<string> {
  const project = path.join(work, "consumer");
  mkdirSync(project);
  cpSync(path.join(import.meta.dirname, "consumer"), project, { recursive: true });
  readmeBlocks(readFileSync(path.join(root, "README.md"), "utf8")).forEach((code, index) => writeFileSync(path.join(project, `readme-${index + 1}.ts`), code));
  const companions = COMPANIONS.map((name) => `${name}@${(JSON.parse(readFileSync(path.join(root, "node_modules", name, "package.json"), "utf8")) as { version: string }).version}`);
  writeFileSync(path.join(project, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  await step("install the tarballs into an empty project", "npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...tarballs, ...companions], project);
  return project;
}

/** Our declarations are checked too, as a host's are that doesn't skip those of libraries; other libraries' are theirs to mend. */
function typeCheck(project: string): void {
  const { stdout } = spawnSync(path.join(project, "node_modules/.bin/tsc"), ["-p", ".", "--pretty", "false"], { cwd: project, encoding: "utf8" });
  const problems = stdout.split("\n").filter((line) => /^\S+\(\d+,\d+\): error/.test(line) && !/^node_modules\/(?!@plinth\/|plinth\/)/.test(line));
  if (problems.length > 0) {
    console.error(`type-check of the consumer and the README's examples failed:\n${problems.join("\n")}`);
    process.exit(1);
  }
  console.log("type-check of the consumer and the README's examples: passed");
}

async function step(title: string, command: string, parameters: readonly string[], cwd: string): Promise<void> {
  const started = performance.now();
  try {
    await promisify(execFile)(command, parameters, { cwd, encoding: "utf8", timeout: 600_000, maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    const { stdout = "", stderr = "", message } = error as { stdout?: string; stderr?: string; message: string };
    console.error(`${title} failed: ${message}\n${stdout}${stderr}`);
    process.exit(1);
  }
  console.log(`${title}: passed in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
