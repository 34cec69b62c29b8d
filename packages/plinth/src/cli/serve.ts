import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler } from "@plinth/node";
import type { Backend } from "../backend/backend.ts";
import { listenError } from "./listening.ts";

export interface Served {
  /** Where a browser on this machine finds it. */
  readonly url: string;
  /** Gives requests in flight a moment, then cuts them. */
  close(): Promise<void>;
}

const GRACE_MS = 1_000;

/** Bytes of a request's headers. Node's own 16 KiB are less than a token with a user's metadata, and their cookies, may take. */
const MAX_HEADER_SIZE = 65_536;

/** Addresses to listen on that are none to connect to. */
const WILDCARDS: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/**
 * Serves the backend on node:http.
 * @throws CommandError where the port can't be listened on
 */
export async function serve(backend: Backend, { host, port }: { host: string; port: number }): Promise<Served> {
  const server = http.createServer({ maxHeaderSize: MAX_HEADER_SIZE }, toNodeHandler(backend));
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw listenError(error, { host, port, flag: "--port" });
  }
  const { port: actual } = server.address() as AddressInfo;
  const shown = WILDCARDS[host] ?? host;
  return { url: `http://${shown.includes(":") ? `[${shown}]` : shown}:${actual}`, close: () => close(server) };
}

async function close(server: http.Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearTimeout(cut);
}
