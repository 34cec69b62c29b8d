import pg from "pg";
import type { TestDatabase } from "./test-databases.ts";

/**
 * Takes CONNECT from PUBLIC in a database that is to be a backend's own. The backend would do so, and give it by name to
 * every login that the server has: those of tests at the same time, which could then not drop them.
 */
export async function closeToOthers({ config }: TestDatabase): Promise<void> {
  const client = new pg.Client(config);
  await client.connect();
  try {
    await client.query("do $$ begin execute format('revoke connect on database %I from public', current_database()); end $$");
  } finally {
    await client.end();
  }
}
