import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { remoteAddressOf } from "@plinth/core";
import { toNodeHandler, toRealRequest } from "@plinth/node";
import type { Backend } from "plinth";
import { Agent } from "undici";
import { expect } from "vitest";

export interface HttpDoor {
  /**
   * Takes the place of `backend.fetch`: whatever host a URL names is this server, and no redirect is followed. Each test asks
   * from an address of its own in 127.1/16, so that what is limited by address is not used up by the tests before.
   */
  readonly fetch: Backend["fetch"];
  close(): Promise<void>;
}

/** In what a proxy would tell the host the client's address, which becomes `request.ip`, as in Express. */
const CLIENT = "x-door-client";

/** A node:http server on a loopback port, and a client that asks it over sockets. */
export async function openHttpDoor(backend: Backend): Promise<HttpDoor> {
  const answer = toNodeHandler(backend);
  // As `plinth dev` has it: a token with a user's metadata may be more than Node's 16 KiB.
  const server = createServer({ maxHeaderSize: 65_536 }, (request, response) => answer(withClientsAddress(request), response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const dispatcher = agentOf((server.address() as AddressInfo).port);
  const addressOfTest = addresses();
  return {
    fetch: (input, init) => {
      const given = input instanceof Request ? toRealRequest(input) : input;
      const request = new Request(given, init);
      request.headers.set(CLIENT, (input instanceof Request ? remoteAddressOf(input) : undefined) ?? addressOfTest());
      return fetch(request, { redirect: "manual", dispatcher } as RequestInit);
    },
    close: async () => {
      await dispatcher.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function agentOf(port: number): Agent {
  return new Agent({
    connect: (_options, done) => {
      const socket = connect(port, "127.0.0.1").setNoDelay();
      socket.once("connect", () => done(null, socket)).once("error", (error) => done(error, null));
    },
  });
}

function withClientsAddress(request: IncomingMessage): IncomingMessage {
  const { [CLIENT]: ip, ...headers } = request.headers;
  return Object.assign(request, { ip, headers });
}

function addresses(): () => string {
  const tests = new Map<string, number>();
  return () => {
    const name = expect.getState().currentTestName ?? "";
    const number = tests.get(name) ?? tests.size;
    tests.set(name, number);
    return `127.1.${number >> 8}.${number & 255}`;
  };
}
