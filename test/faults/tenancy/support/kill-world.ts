import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import type { Backend, BackendOptions } from "plinth";
import { startStoppablePostgres } from "../../support/stoppable-postgres.ts";
import type { ErrandKind } from "./errand.ts";

/** Where a backend is that is killed again and again. */
export interface KillWorld {
  readonly kinds: readonly ErrandKind[];
  readonly clusters: readonly string[];
  readonly place: BackendOptions;
  /** Whether the master key is given, rather than in a file. */
  readonly givesMasterKey: boolean;
  /** For files of the test's own. */
  readonly folder: string;
  /** Databases and logins that are no project's, or that a project lacks. */
  strays(backend: Backend): Promise<readonly string[]>;
  end(): Promise<void>;
}

const KINDS: readonly ErrandKind[] = ["create", "delete", "pause", "rename", "migrate", "rotate", "import"];

const newFolder = (): Promise<string> => mkdtemp(path.join(tmpdir(), "plinth-kills-"));

/** On two servers of its own, so that whatever is on them is of these projects or stray. */
export async function openNativeKillWorld(): Promise<KillWorld> {
  const [one, two] = await Promise.all([startStoppablePostgres(), startStoppablePostgres()]);
  const folder = await newFolder();
  const urls = { default: one.url, two: two.url };
  return {
    kinds: ["move", ...KINDS],
    clusters: Object.keys(urls),
    place: { databaseUrl: one.url, dataDirectory: folder, clusters: [{ name: "default" }, { name: "two", databaseUrl: two.url, weight: 0 }], project: false, projects: { drainMs: 100 }, pool: { maxConnectionsPerProject: 2 } },
    givesMasterKey: true,
    folder,
    strays: async (backend) => {
      const found: string[] = [];
      for (const [cluster, url] of Object.entries(urls)) {
        const { projects } = await backend.projects.list({ cluster, limit: 1_000 });
        const there = await namesOn(url);
        if (there.length !== projects.length * 2) found.push(`${cluster}: ${projects.length} projects (${projects.map(({ ref }) => ref)}), and there is ${there.join(", ")}`);
      }
      return found;
    },
    end: async () => {
      await Promise.all([one.remove(), two.remove()]);
      await rm(folder, { recursive: true });
    },
  };
}

async function namesOn(url: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(`
      select 'database ' || datname as name from pg_database where datname like 'plinth\\_%' and datname !~ '^plinth_(template|draft)_'
      union all select 'login ' || rolname from pg_roles where rolname like 'plinth\\_%' order by 1`);
    return rows.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

/** In a data folder; `plinth doctor` tells of strays there. */
export async function openEmbeddedKillWorld(): Promise<KillWorld> {
  const folder = await newFolder();
  return {
    kinds: KINDS,
    clusters: [],
    place: { databaseUrl: false, dataDirectory: path.join(folder, "data"), project: false },
    givesMasterKey: false,
    folder,
    strays: async () => [],
    end: () => rm(folder, { recursive: true }),
  };
}
