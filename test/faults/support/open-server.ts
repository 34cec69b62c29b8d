import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler } from "@plinth/node";
import { createTestBackend, type TestBackend, type TestBackendOptions, type TestDatabases, urlOf } from "@plinth/testing";

/** A backend behind node:http on a loopback port. */
export interface ServedBackend {
  readonly backend: TestBackend;
  readonly url: string;
  /** What the backend took for its own fault. */
  readonly errors: unknown[];
  close(): Promise<void>;
}

/** On a database of this kind. */
export async function openServer(databases: TestDatabases, options: TestBackendOptions = {}): Promise<ServedBackend> {
  const database = databases.kind === "native" ? await databases.create() : undefined;
  const errors: unknown[] = [];
  const backend = await createTestBackend({ pool: { maxConnectionsPerProject: 4 }, onError: (error) => void errors.push(error), ...options, databaseUrl: database ? urlOf(database) : false });
  const server = createServer(toNodeHandler(backend));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await deleteProjects(backend);
    await backend.close();
  };
  return { backend, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, errors, close };
}

/** A test that closes its backend leaves them to the run's end. */
async function deleteProjects(backend: TestBackend): Promise<void> {
  const { projects } = await backend.projects.list().catch(() => ({ projects: [] }));
  for (const { ref } of projects) await backend.projects.delete(ref);
}
