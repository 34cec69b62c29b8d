import { PGlite } from "@electric-sql/pglite";
import type { RawResult, Statement, Tenant } from "@plinth/core";
import { describeDatabases } from "@plinth/testing/databases";
import pg from "pg";
import { afterAll, beforeAll, describe } from "vitest";

/** A database that a test fills as superuser, and reads as a role that owns nothing. */
export interface ScratchDatabase extends Pick<Tenant, "catalog" | "listen"> {
  script(sql: string): Promise<void>;
  /** Runs as `role`, with `searchPath`, as a request would. */
  readAs(role: string, searchPath: string, statement: Statement): Promise<RawResult>;
  close(): Promise<void>;
}

/** Unique, because roles belong to a whole cluster. */
const newReader = (): string => `reader_${Math.random().toString(36).slice(2)}`;

const unparsed = (text: string): string => text;

async function openNative(config: pg.ClientConfig): Promise<ScratchDatabase> {
  const client = new pg.Client({ ...config });
  await client.connect();
  const reader = newReader();
  await client.query(`create role ${reader}`);
  const read = async (role: string, searchPath: string, { sql, parameters }: Statement): Promise<RawResult> => {
    await client.query("begin");
    await client.query(`set local search_path = ${searchPath}`);
    await client.query(`set local role ${role}`);
    const types = { getTypeParser: () => unparsed } as unknown as pg.CustomTypesConfig;
    const result = await client.query({ text: sql, values: [...parameters], rowMode: "array", types }).finally(() => client.query("rollback"));
    return { rows: result.rows as RawResult["rows"], command: result.command };
  };
  return {
    script: async (sql) => void (await client.query(sql)),
    catalog: (statement) => read(reader, "public", statement),
    readAs: read,
    listen: async (channel, listener) => {
      const onNotification = (message: pg.Notification): void => listener(message.payload ?? "");
      client.on("notification", onNotification);
      await client.query(`listen ${channel}`);
      return async () => void client.off("notification", onNotification);
    },
    close: async () => {
      await client.query(`drop role ${reader}`);
      await client.end();
    },
  };
}

async function openEmbedded(): Promise<ScratchDatabase> {
  const db = await PGlite.create();
  const reader = newReader();
  await db.exec(`create role ${reader}`);
  const read = (role: string, searchPath: string, { sql, parameters }: Statement): Promise<RawResult> =>
    db.transaction(async (transaction) => {
      await transaction.exec(`set local search_path = ${searchPath}; set local role ${role}`);
      const parsers = Object.fromEntries(Array.from({ length: 10_000 }, (_, oid) => [oid, unparsed]));
      const serializers = Object.fromEntries(Array.from({ length: 10_000 }, (_, oid) => [oid, String]));
      const result = await transaction.query<(string | null)[]>(sql, [...parameters], { rowMode: "array", parsers, serializers });
      return { rows: result.rows, command: "SELECT" };
    });
  return {
    script: async (sql) => void (await db.exec(sql)),
    catalog: (statement) => read(reader, "public", statement),
    readAs: read,
    listen: (channel, listener) => db.listen(channel, listener),
    close: () => db.close(),
  };
}

/** Runs a block of tests upon one database of each kind; `database()` is there once they run. */
export function describeScratchDatabase(title: string, define: (database: () => ScratchDatabase) => void): void {
  const block = (open: () => Promise<ScratchDatabase>): void => {
    let database: ScratchDatabase | undefined;
    beforeAll(async () => {
      database = await open();
    });
    afterAll(() => database?.close());
    define(() => database as ScratchDatabase);
  };
  describeDatabases(title, (databases) => block(async () => openNative((await databases.create()).config)));
  describe(`${title} (embedded)`, () => block(openEmbedded));
}
