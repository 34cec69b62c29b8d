import type { ChannelWatch, RawResult, Statement, Tenant } from "@plinth/core";
import { describeDatabases } from "@plinth/testing/vitest";
import pg from "pg";
import { afterAll, beforeAll } from "vitest";

/** A database that a test fills as superuser, and reads as a role that owns nothing. */
export interface ScratchDatabase extends Pick<Tenant, "catalog" | "listen" | "watch"> {
  script(sql: string): Promise<void>;
  /** Runs as `role`, with `searchPath`, as a request would. */
  readAs(role: string, searchPath: string, statement: Statement): Promise<RawResult>;
  close(): Promise<void>;
}

/** Roles belong to a whole cluster. */
export const uniqueRole = (kind: string): string => `${kind}_${Math.random().toString(36).slice(2)}`;

const UNPARSED = { getTypeParser: () => (text: string) => text } as unknown as pg.CustomTypesConfig;

async function connect(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({ ...config });
  await client.connect();
  return client;
}

/** Of a connection that is there all the time. */
function watching(client: pg.Client, channel: string, listener: (payload: string) => void): ChannelWatch {
  let epoch = 0;
  const onNotification = (message: pg.Notification): void => listener(message.payload ?? "");
  return {
    get epoch() {
      return epoch;
    },
    listen: async () => {
      if (epoch === 0) client.on("notification", onNotification);
      epoch = 1;
      await client.query(`listen ${channel}`);
      return { epoch, answer: undefined };
    },
    flush: async () => void (await client.query("select 1")),
    stop: () => void client.off("notification", onNotification),
  };
}

async function open(config: pg.ClientConfig): Promise<ScratchDatabase> {
  // Live caches read while the test's own statements run.
  const [client, reading] = [await connect(config), await connect(config)];
  const reader = uniqueRole("reader");
  await client.query(`create role ${reader}`);

  const readNow = async (role: string, searchPath: string, { sql, parameters }: Statement): Promise<RawResult> => {
    await reading.query(`begin; set local search_path = ${searchPath}; set local role ${role}`);
    try {
      const result = await reading.query({ text: sql, values: [...parameters], rowMode: "array", types: UNPARSED });
      return { rows: result.rows as RawResult["rows"], command: result.command };
    } finally {
      await reading.query("rollback");
    }
  };
  let last: Promise<unknown> = Promise.resolve();
  const readAs: ScratchDatabase["readAs"] = (role, searchPath, statement) => {
    const read = last.then(() => readNow(role, searchPath, statement));
    last = read.catch(() => undefined);
    return read;
  };
  return {
    readAs,
    script: async (sql) => void (await client.query(sql)),
    // A path that types could be found by, and then be named without their schema.
    catalog: (statement) => readAs(reader, "api, public", statement),
    listen: async (channel, listener) => {
      const onNotification = (message: pg.Notification): void => listener(message.payload ?? "");
      client.on("notification", onNotification);
      await client.query(`listen ${channel}`);
      return async () => void client.off("notification", onNotification);
    },
    watch: (channel, listener) => watching(client, channel, listener),
    close: async () => {
      await client.query(`drop role ${reader}`);
      await client.end();
      await reading.end();
    },
  };
}

/** Runs a block of tests upon one database of each kind; `database()` is there once they run. */
export function describeScratchDatabase(title: string, define: (database: () => ScratchDatabase) => void): void {
  describeDatabases(title, (databases) => {
    let database: ScratchDatabase | undefined;
    beforeAll(async () => {
      database = await open((await databases.create()).config);
    });
    afterAll(() => database?.close());
    define(() => database as ScratchDatabase);
  });
}
