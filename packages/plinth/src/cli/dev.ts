import { watch } from "node:fs";
import process from "node:process";
import type { ProjectWithKeys } from "@plinth/core";
import type { Backend } from "../backend/backend.ts";
import { createBackend } from "../backend/create-backend.ts";
import { type CliArguments, readArguments } from "./arguments.ts";
import { loadOptions } from "./load-options.ts";
import { type Served, serve } from "./serve.ts";
import { UsageError } from "./usage-error.ts";

const SETTLE_MS = 150;

/** `plinth dev`: a backend on a port, with no host application. Runs until it is told to stop. */
export async function dev(args: string[]): Promise<undefined> {
  const flags = readArguments(args);
  const options = await loadOptions(flags);
  const backend = await createBackend(options);
  try {
    const [project, served] = await Promise.all([onlyProject(backend), serve(backend, flags)]);
    process.stdout.write(`${flags.json ? machineLine(served, project) : welcome(served, project, flags)}\n`);
    stopOnSignal(backend, served);
    if (options.migrations !== undefined) watchMigrations(backend, options.migrations, flags);
  } catch (error) {
    await backend.close();
    throw error;
  }
}

async function onlyProject(backend: Backend): Promise<ProjectWithKeys> {
  const [first] = await backend.projects.list();
  if (!first) throw new UsageError("There is no project to serve: the configuration says project: false.");
  return backend.projects.get(backend.defaultRef ?? first.ref);
}

function machineLine({ url }: Served, { ref, anonKey, serviceRoleKey, jwtSecret, databaseUrl }: ProjectWithKeys): string {
  return JSON.stringify({ url, ref, anonKey, serviceRoleKey, jwtSecret, databaseUrl: databaseUrl ?? null });
}

function welcome({ url }: Served, project: ProjectWithKeys, { json: _json }: CliArguments): string {
  return `Plinth serves project "${project.ref}" at ${url}

  REST API          ${url}/rest/v1
  anon key          ${project.anonKey}
  service role key  ${project.serviceRoleKey}   (passes over row level security: servers only)
  database          ${project.databaseUrl ?? "embedded"}

Try it:
  curl ${url}/rest/v1/ -H "apikey: ${project.anonKey}"

Stop with Ctrl-C.`;
}

function stopOnSignal(backend: Backend, served: Served): void {
  let stopping = false;
  const stop = () => {
    if (stopping) process.exit(130);
    stopping = true;
    void served
      .close()
      .then(() => backend.close())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(error);
          process.exit(1);
        },
      );
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}

/** Applies migrations that are added while the server runs. */
function watchMigrations(backend: Backend, folder: string, { json }: CliArguments): void {
  let timer: NodeJS.Timeout | undefined;
  const apply = async () => {
    try {
      const applied = await backend.migrate(folder);
      if (!json) for (const { name } of applied) console.log(`Applied ${name}`);
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
    }
  };
  watch(folder, () => {
    clearTimeout(timer);
    timer = setTimeout(() => void apply(), SETTLE_MS);
  }).unref();
}
