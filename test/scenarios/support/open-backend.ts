import { closeToOthers, createTestBackend, type TestBackend, type TestBackendOptions, type TestDatabases, urlOf } from "@plinth/testing";
import { openHttpDoor } from "./http-door.ts";

export interface OpenBackend {
  readonly backend: TestBackend;
  /** Deletes its projects and closes it. */
  close(): Promise<void>;
}

/** A backend on a database of this kind. */
export async function openNativeOrEmbedded(databases: TestDatabases, options: TestBackendOptions = {}): Promise<OpenBackend> {
  const database = databases.kind === "native" ? await databases.create() : undefined;
  if (database) await closeToOthers(database);
  const backend = await createTestBackend({ pool: { maxConnectionsPerProject: 3 }, ...options, databaseUrl: database ? urlOf(database) : false });
  const close = async () => {
    for (const { ref } of (await backend.projects.list()).projects) await backend.projects.delete(ref);
    await backend.close();
  };
  return { backend, close };
}

export interface BackendAtDoor extends OpenBackend {
  /** Past the door, whichever it is: a call in the same process. */
  readonly fetchInProcess: TestBackend["fetch"];
}

/**
 * A backend whose `fetch` goes through a door: on native PostgreSQL over HTTP to a server of node:http, on the embedded
 * database straight to `backend.fetch`, so that a scenario for both databases goes through both. `PLINTH_TEST_DOOR`, "http" or
 * "fetch", chooses one for all.
 */
export async function openAtDoor(databases: TestDatabases, options: TestBackendOptions = {}): Promise<BackendAtDoor> {
  const opened = await openNativeOrEmbedded(databases, options);
  const fetchInProcess = opened.backend.fetch;
  if (!isOverHttp(databases)) return { ...opened, fetchInProcess };
  const door = await openHttpDoor(opened.backend);
  const close = async () => {
    await door.close();
    await opened.close();
  };
  return { backend: { ...opened.backend, fetch: door.fetch }, fetchInProcess, close };
}

function isOverHttp({ kind }: TestDatabases): boolean {
  const door = process.env["PLINTH_TEST_DOOR"] ?? (kind === "native" ? "http" : "fetch");
  if (door !== "http" && door !== "fetch") throw new Error(`PLINTH_TEST_DOOR is neither "http" nor "fetch": ${door}`);
  return door === "http";
}
