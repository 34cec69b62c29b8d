import path from "node:path";
import { type TestDatabases, urlOf } from "@plinth/testing";
import { type Backend, type BackendOptions, createBackend } from "plinth";
import { onTestFinished } from "vitest";
import { projectFolder } from "../../cli/support/project-folder.ts";

/** Backends one after another, or on a server beside each other, on the same projects. */
export interface Restartable {
  /** A folder of migrations for every project. */
  readonly folder: string;
  /** Another backend with these options. On the embedded database the one before is closed: a data folder is one process's. */
  start(options: BackendOptions): Promise<Backend>;
}

export async function restartable(databases: TestDatabases): Promise<Restartable> {
  const home = projectFolder();
  const database = databases.kind === "native" ? await databases.create() : undefined;
  const place: BackendOptions = database ? { databaseUrl: urlOf(database) } : { databaseUrl: false, dataDirectory: path.join(home, ".plinth") };
  const opened: Backend[] = [];
  const start = async (options: BackendOptions): Promise<Backend> => {
    if (!database) await opened.at(-1)?.close();
    const backend = await createBackend({ masterKey: "k".repeat(32), ...place, ...options });
    opened.push(backend);
    return backend;
  };
  onTestFinished(async () => {
    const last = opened.at(-1);
    for (const { ref } of database && last ? (await last.projects.list()).projects : []) await last?.projects.delete(ref, { graceMs: 0 });
    for (const backend of opened) await backend.close();
  });
  return { folder: home, start };
}
