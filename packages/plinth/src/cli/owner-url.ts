import { serveDatabase } from "@plinth/core";
import type { Backend } from "../backend/backend.ts";
import { listenError } from "./listening.ts";

/** A way into a project's database with its owner's rights, for psql and other tools. */
export interface OwnerUrl {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Natively the server's own URL; the embedded database is put on a loopback port with a password made for this time.
 * @throws CommandError where that port can't be listened on
 */
export async function openOwnerUrl(backend: Backend, ref: string, dbPort: number): Promise<OwnerUrl> {
  const owner = await backend.ownerDatabase(ref);
  try {
    const { connectionString } = owner.config;
    if (connectionString !== undefined) {
      await owner.release();
      return { url: connectionString, close: async () => undefined };
    }
    const server = await serveDatabase(owner.config, dbPort);
    return { url: server.url, close: () => server.close().then(() => owner.release()) };
  } catch (error) {
    await owner.release();
    throw listenError(error, { host: "127.0.0.1", port: dbPort, flag: "--db-port" });
  }
}
