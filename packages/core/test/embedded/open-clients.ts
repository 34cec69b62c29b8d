import { once } from "node:events";
import type { Duplex } from "node:stream";
import pg from "pg";
import { onTestFinished } from "vitest";
import type { EmbeddedDatabase } from "../../src/database/embedded/open-embedded-database.ts";

/** A client that is ended with the test. */
export async function connect(database: EmbeddedDatabase, config: pg.ClientConfig = {}): Promise<pg.Client> {
  const client = new pg.Client({ ...database.clientConfig, ...config });
  client.on("error", () => undefined);
  await client.connect();
  onTestFinished(() => client.end().catch(() => undefined));
  return client;
}

export function createPool(database: EmbeddedDatabase, max: number): pg.Pool {
  const pool = new pg.Pool({ ...database.clientConfig, max });
  pool.on("error", () => undefined);
  // A client that is lent out has no listener of the pool's.
  pool.on("connect", (client) => client.on("error", () => undefined));
  onTestFinished(() => pool.end());
  return pool;
}

/** Payloads of the notifications that the client gets from now on. */
export function payloadsOf(client: pg.Client): Array<string | undefined> {
  const payloads: Array<string | undefined> = [];
  client.on("notification", ({ payload }) => payloads.push(payload));
  return payloads;
}

/** Answers that come unasked, such as notifications, are there when another round trip is over. */
export async function roundTrip(...clients: readonly pg.Client[]): Promise<void> {
  for (const client of clients) await client.query("select 1");
}

/** Breaks the connection without a word, and waits until the stream is closed. */
export async function breakOff(client: pg.Client): Promise<void> {
  const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection;
  stream.destroy();
  if (!stream.closed) await once(stream, "close");
}
