import { randomBytes } from "node:crypto";
import { nativeDatabases } from "@plinth/testing";
import pg from "pg";
import { inject } from "vitest";
import { openMetadata } from "../../../src/metadata/metadata.ts";
import { type ControlPlane, type ControlPlaneOptions, createProjects } from "../../../src/projects/control-plane.ts";
import { NativeHost } from "../../../src/projects/native/native-host.ts";
import { createKeyRing } from "../../../src/secrets/key-ring.ts";

export const MASTER_KEY = "a passphrase that is long enough to be one";

/** A backend's control plane on a native server, with metadata of its own. */
export interface NativeWorld {
  readonly adminUrl: string;
  readonly projects: ControlPlane;
  /** Another process's view: the same metadata and server, nothing else shared. */
  another(options?: Partial<ControlPlaneOptions> & { readonly masterKey?: string }): Promise<ControlPlane>;
  /** Deletes every project and the metadata. */
  end(): Promise<void>;
}

export const uniqueRef = (name = "p"): string => `${name}-${randomBytes(5).toString("hex")}`;

export async function openNativeWorld(options: Partial<ControlPlaneOptions> = {}): Promise<NativeWorld> {
  const database = await nativeDatabases(inject("nativePostgresUrl") as string).create();
  const { host, port, user, password, database: name } = database.config;
  const adminUrl = `postgres://${user}:${encodeURIComponent(String(password))}@${host}:${port}/${name}`;
  const opened: ControlPlane[] = [];
  const another: NativeWorld["another"] = async ({ masterKey = MASTER_KEY, ...rest } = {}) => {
    const keyRing = await createKeyRing({ masterKey });
    const metadata = await openMetadata({ config: { connectionString: adminUrl } }, keyRing);
    const projects = createProjects({ metadata, keyRing, host: new NativeHost({ adminUrl }), ...options, ...rest });
    opened.push(projects);
    return projects;
  };
  const projects = await another();
  const end = async (): Promise<void> => {
    for (const project of (await projects.list()).projects) await projects.delete(project.ref);
    await Promise.all(opened.map((each) => each.close()));
    await database.drop();
  };
  return { adminUrl, projects, another, end };
}

/** Runs one simple query on a connection of its own. */
export async function query<R extends pg.QueryResultRow = Record<string, unknown>>(url: string, sql: string, values?: unknown[]): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query<R>(sql, values);
    return result.rows ?? [];
  } finally {
    await client.end();
  }
}

export function databaseIn(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
