import process from "node:process";
import { isLoopbackAddress, type ProjectWithKeys } from "@plinth/core";
import type { Backend } from "../backend/backend.ts";
import { createBackend } from "../backend/create-backend.ts";
import type { BackendOptions } from "../config/backend-options.ts";
import { type Announced, machineLine, welcome } from "./announce.ts";
import { UsageError } from "./command-error.ts";
import { explain } from "./explain.ts";
import type { DevFlags } from "./dev-flags.ts";
import { loadOptions } from "./load-options.ts";
import { openOwnerUrl } from "./owner-url.ts";
import { serve } from "./serve.ts";
import { stopOnSignal } from "./stop-on-signal.ts";
import { watchMigrations } from "./watch-migrations.ts";
import { watchTypes } from "./watch-types.ts";

/** `plinth dev`: a backend on a port, with no host application. Runs until it is told to stop. */
export async function dev(flags: DevFlags): Promise<undefined> {
  const options = await loadOptions(flags);
  const closers: Array<() => Promise<void>> = [];
  /** The last opened first. */
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    const announced = await open(options, flags, closers);
    stopOnSignal(close);
    process.stdout.write(`${flags.json ? machineLine(announced) : welcome(announced)}\n`);
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(options: BackendOptions, flags: DevFlags, closers: Array<() => Promise<void>>): Promise<Announced> {
  const backend = await createBackend(withOwnMachine(options, flags));
  closers.push(() => backend.close());
  const project = await onlyProject(backend);
  const owner = await openOwnerUrl(backend, project.ref, flags.dbPort);
  closers.push(() => owner.close());
  const served = await serve(backend, flags);
  closers.push(() => served.close());
  const reports = reporter(flags);
  if (flags.types !== undefined) closers.push(await watchTypes(backend, project.ref, { file: flags.types, format: flags.typesFormat, ...reports }));
  if (options.migrations !== undefined) closers.push(watchMigrations(backend, options.migrations, reports));
  return { url: served.url, project, databaseUrl: owner.url };
}

const isLoopback = (host: string): boolean => host === "localhost" || isLoopbackAddress(host);

/**
 * Where nobody but who develops here reaches it, hooks and providers that projects name may run beside it. In a container,
 * whose port somebody publishes, links lead to that port of the machine.
 */
function withOwnMachine(options: BackendOptions, { host, port }: DevFlags): BackendOptions {
  if (isLoopback(host)) return { ...options, auth: { outbound: { allowPrivateAddresses: true }, ...options.auth } };
  return port === 0 ? options : { ...options, auth: { externalUrl: `http://localhost:${port}`, ...options.auth } };
}

/** Standard output is the machine's where it is asked for: it gets one line and no more. */
function reporter({ json }: DevFlags) {
  const progress = json ? process.stderr : process.stdout;
  return {
    onApplied: (name: string) => progress.write(`Applied ${name}\n`),
    onWritten: (file: string) => progress.write(`Wrote ${file}\n`),
    onError: (error: unknown) => process.stderr.write(`plinth: ${explain(error)}\n`),
  };
}

async function onlyProject(backend: Backend): Promise<ProjectWithKeys> {
  const ref = backend.defaultRef ?? (await backend.projects.list({ limit: 1 })).projects[0]?.ref;
  if (ref === undefined) throw new UsageError("there is no project to serve: the configuration says project: false, and none was made.");
  return backend.projects.get(ref);
}
