import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler } from "@plinth/node";
import { type ApiDoor, FETCH_DOOR } from "@plinth/testing/vitest";

/** A node:http server on a loopback port. */
export const SOCKET_DOOR: ApiDoor = {
  name: "node:http",
  open: async (backend) => {
    const server = createServer(toNodeHandler(backend));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const close = () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, fetch, close };
  },
};

export const DOORS: readonly ApiDoor[] = [FETCH_DOOR, SOCKET_DOOR];
