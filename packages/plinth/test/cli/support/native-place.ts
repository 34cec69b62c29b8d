import { nativeDatabases, urlOf } from "@plinth/testing";
import pg from "pg";
import { inject, onTestFinished } from "vitest";

/** A database of its own for a backend to live in, on the tests' server where no other is given; what the backend makes there goes with it. */
export async function nativePlace(adminUrl: string = inject("nativePostgresUrl") ?? ""): Promise<string> {
  const database = await nativeDatabases(adminUrl).create();
  const url = urlOf(database);
  onTestFinished(async () => {
    const made = await query(url, "select database_name, login_role from plinth.projects where not adopted").catch(() => []);
    await database.drop();
    for (const { database_name: name, login_role: login } of made) {
      if (name !== database.config.database) await query(adminUrl, `drop database if exists "${String(name)}" with (force)`);
      if (login !== null) await query(adminUrl, `drop role if exists "${String(login)}"`);
    }
  });
  return url;
}

export async function query(url: string, sql: string): Promise<Array<Record<string, unknown>>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
