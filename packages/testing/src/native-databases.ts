import { randomBytes } from "node:crypto";
import pg from "pg";
import type { TestDatabase, TestDatabases } from "./test-databases.ts";

/** Databases in the cluster whose superuser URL is `url`. Roles are shared by all of a cluster's databases. */
export function nativeDatabases(url: string): TestDatabases {
  return { kind: "native", create: () => createDatabase(url) };
}

async function createDatabase(url: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  await runOnce(url, `create database ${name} template template0`);
  const { hostname, port, username, password } = new URL(url);
  const config = { host: hostname, port: Number(port || 5432), user: decodeURIComponent(username), password: decodeURIComponent(password), database: name };
  return { config, drop: () => runOnce(url, `drop database if exists ${name} with (force)`) };
}

async function runOnce(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
