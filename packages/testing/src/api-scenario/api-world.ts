import { sql } from "kysely";
import type { ProjectWithKeys } from "plinth";
import { createTestBackend, type TestBackend, type TestBackendOptions } from "../create-test-backend.ts";
import { closeToOthers } from "../close-to-others.ts";
import type { TestDatabases } from "../test-databases.ts";
import { urlOf } from "../url-of.ts";
import type { ApiDoor, OpenDoor } from "./api-door.ts";

/** What requests of a scenario find. */
export interface ApiWorldOptions {
  /** The schema of the project that is asked, and of another one. Run as the owner. */
  readonly schema: string;
  /** Puts the rows there, over whatever there is; done again after each request that may have written. `mark` is to be somewhere in them: nobody else may ever see it. */
  readonly data: (mark: string) => string;
  readonly options?: Omit<TestBackendOptions, "databaseUrl" | "sql">;
  /** Every request is made through each of them. */
  readonly doors: readonly ApiDoor[];
}

/** A backend with two projects of one schema, whose rows are marked with whose they are. */
export interface ApiWorld {
  readonly backend: TestBackend;
  readonly own: ProjectWithKeys;
  readonly other: ProjectWithKeys;
  readonly doors: ReadonlyMap<string, OpenDoor>;
  /** Puts the rows of the project that is asked as they were, if they may have been changed since. */
  restore(): Promise<void>;
  /** Says that they may have been. */
  touch(): void;
  /**
   * Fingerprints of the rows of the project that is asked, as they were made and after the work: they differ where a row
   * does. Where none does, nothing has to be restored.
   */
  compare(work: () => Promise<void>): Promise<{ readonly before: string; readonly after: string }>;
  close(): Promise<void>;
}

export const OWN_MARK = "mark-of-its-own";
const OTHER_MARK = "mark-of-another";

export async function openApiWorld(databases: TestDatabases, { schema, data, options, doors }: ApiWorldOptions): Promise<ApiWorld> {
  const database = databases.kind === "native" ? await databases.create() : undefined;
  if (database) await closeToOthers(database);
  const backend = await createTestBackend({ pool: { maxConnectionsPerProject: 3 }, ...options, databaseUrl: database ? urlOf(database) : false, sql: schema + data(OWN_MARK) });
  const other = await backend.projects.create({ ref: "other" });
  await backend.sql(schema + data(OTHER_MARK), other.ref);
  const opened = new Map<string, OpenDoor>();
  for (const door of doors) opened.set(door.name, await door.open(backend));
  const printSql = await fingerprintSql(backend);
  // Held as long as the world is: connecting would take longer than what is asked.
  const owner = await backend.ownerDatabase();
  const print = async (): Promise<string> => (await sql.raw<{ print: string }>(printSql).execute(owner.db)).rows[0]?.print ?? "";
  let touched = false;
  let asMade: string | undefined;
  const restore = async (): Promise<void> => {
    if (!touched) return;
    await owner.script(data(OWN_MARK));
    [touched, asMade] = [false, undefined];
  };
  return {
    backend,
    own: backend.project,
    other,
    doors: opened,
    restore,
    touch: () => {
      touched = true;
    },
    compare: async (work) => {
      await restore();
      const before = (asMade ??= await print());
      try {
        await work();
      } finally {
        touched = true;
      }
      const after = await print();
      touched = after !== before;
      return { before, after };
    },
    close: async () => {
      await owner.release();
      for (const door of opened.values()) await door.close();
      for (const { ref } of (await backend.projects.list()).projects) await backend.projects.delete(ref);
      await backend.close();
      await database?.drop();
    },
  };
}

async function fingerprintSql(backend: TestBackend): Promise<string> {
  const tables = await backend.sql<{ name: string }>("select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema', 'plinth', 'auth') order by 1");
  const rows = tables.map(({ name }) => `select '${name.replaceAll("'", "''")}' as name, t::text as row from ${name} t`);
  return `select coalesce(md5(string_agg(name || row, ',' order by name, row)), '') as print from (${rows.join(" union all ")}) as rows`;
}
