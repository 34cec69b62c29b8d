import { closeToOthers, createTestBackend, type TestBackend, type TestBackendOptions, type TestDatabases, urlOf } from "@plinth/testing";

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
