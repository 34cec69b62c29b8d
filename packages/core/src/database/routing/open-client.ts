import type pg from "pg";
import type { RememberedKeys } from "../connect/remembered-keys.ts";
import { ScramClient } from "../connect/scram-client.ts";

/** A client, with what `pg` has and its types leave out. */
export type WireClient = pg.Client & {
  /** Whether it keeps the process alive. */
  ref(): void;
  unref(): void;
  /** As the server said last: I outside of a transaction, T in one, E in one that failed. */
  getTransactionStatus(): "I" | "T" | "E" | null;
};

/** @throws what `pg` throws; after `timeoutMs` too */
export async function openClient(config: pg.ClientConfig, timeoutMs: number, remembered: RememberedKeys): Promise<WireClient> {
  const client = new ScramClient({ ...config, connectionTimeoutMillis: timeoutMs }, remembered) as unknown as WireClient;
  // A connection that breaks also fails its query, which is where the error is dealt with.
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (error) {
    destroy(client);
    throw error;
  }
  return client;
}

/** Takes leave of the server and waits until it is gone, so that it counts one connection less; `limitMs` at most. */
export async function endClient(client: WireClient, limitMs: number): Promise<void> {
  const timer = setTimeout(() => destroy(client), limitMs);
  await client.end().catch(() => undefined);
  clearTimeout(timer);
}

const destroy = (client: WireClient): void => {
  (client as unknown as { readonly connection: { readonly stream: { destroy(): void } } }).connection.stream.destroy();
};
