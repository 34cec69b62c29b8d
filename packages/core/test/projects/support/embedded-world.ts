import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { openEmbeddedDatabase } from "../../../src/database/embedded/open-embedded-database.ts";
import { openMetadata } from "../../../src/metadata/metadata.ts";
import { createServices, setupOf } from "../../../../plinth/src/backend/services.ts";
import { readConfig } from "../../../../plinth/src/config/backend-config.ts";
import { embeddedSetup } from "../../../src/projects/base-setup.ts";
import { type ControlPlane, type ControlPlaneOptions, createProjects } from "../../../src/projects/control-plane.ts";
import { EmbeddedHost } from "../../../src/projects/embedded/embedded-host.ts";
import { EmbeddedInstances } from "../../../src/projects/embedded/embedded-instances.ts";
import { createKeyRing } from "../../../src/secrets/key-ring.ts";
import { readOrMakeMasterKeyFile } from "../../../src/secrets/master-key-file.ts";

/** The one that `npm install` has made: any other would have to be made here. */
const TEMPLATE = embeddedSetup(setupOf(createServices(readConfig({}, {}))));

/** A backend's control plane in a data directory. */
export interface EmbeddedWorld {
  readonly projects: ControlPlane;
  readonly host: EmbeddedHost;
  readonly instances: EmbeddedInstances;
  /** The same metadata and instances, with something otherwise. */
  another(options: Partial<ControlPlaneOptions>): ControlPlane;
  close(): Promise<void>;
}

/** Gives a data directory; closes whatever was opened in it, then deletes it. */
export async function withEmbeddedWorlds(work: (directory: string, openWorld: (options?: Partial<ControlPlaneOptions>) => Promise<EmbeddedWorld>) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "plinth-data-"));
  const opened: EmbeddedWorld[] = [];
  try {
    await work(directory, async (options) => {
      const world = await openEmbeddedWorld(directory, options);
      opened.push(world);
      return world;
    });
  } finally {
    for (const world of opened) await world.close();
    await rm(directory, { recursive: true, force: true });
  }
}

export async function openEmbeddedWorld(directory: string, options: Partial<ControlPlaneOptions> = {}): Promise<EmbeddedWorld> {
  const keyRing = await createKeyRing(await readOrMakeMasterKeyFile(join(directory, "master.key")));
  const database = await openEmbeddedDatabase({ directory: join(directory, "metadata") });
  const metadata = await openMetadata({ config: database.clientConfig, release: () => database.close() }, keyRing);
  const instances = new EmbeddedInstances({ directory: join(directory, "projects"), open: (where) => openEmbeddedDatabase({ directory: where, setup: TEMPLATE }), idleMs: 50 });
  const host = new EmbeddedHost(instances);
  const another: EmbeddedWorld["another"] = (changes) => createProjects({ metadata, keyRing, host, ...options, ...changes });
  const projects = another({});
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= instances.close().then(() => projects.close()));
  return { projects, host, instances, another, close };
}

/** Runs one simple query in an instance. */
export async function queryInstance(instances: EmbeddedInstances, name: string, sql: string): Promise<Record<string, unknown>[]> {
  const lease = await instances.acquire(name);
  const client = new pg.Client(lease.config);
  await client.connect();
  try {
    const result: pg.QueryResult | pg.QueryResult[] = await client.query(sql);
    return (Array.isArray(result) ? result.at(-1)?.rows : result.rows) ?? [];
  } finally {
    await client.end();
    await lease.release();
  }
}
