import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler } from "@plinth/node";
import type { Backend } from "../backend/backend.ts";
import { UsageError } from "./usage-error.ts";

export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

const LISTEN_PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: "is in use already: stop what listens there, or choose another with --port (0 takes a free one)",
  EACCES: "may not be listened on by this user: choose one above 1023 with --port",
  EADDRNOTAVAIL: "is not on an address of this machine: check --host",
};

/**
 * Serves the backend on node:http.
 * @throws UsageError where the port can't be listened on
 */
export async function serve(backend: Backend, { host, port }: { host: string; port: number }): Promise<Served> {
  const handler = toNodeHandler(backend);
  const server = http.createServer((request, response) => handler(request, response));
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    const problem = LISTEN_PROBLEMS[(error as NodeJS.ErrnoException).code ?? ""];
    throw problem ? new UsageError(`Port ${port} on ${host} ${problem}.`) : error;
  }
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    close: async () => {
      server.close();
      server.closeIdleConnections();
      await Promise.race([once(server, "close"), new Promise((resolve) => setTimeout(resolve, 2_000).unref())]);
      server.closeAllConnections();
    },
  };
}
