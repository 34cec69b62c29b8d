import { once } from "node:events";
import net from "node:net";

/** Stands between a client and a server, to take the server away and give it back. */
export interface TcpProxy {
  readonly port: number;
  /** Attempts to connect that it saw. */
  readonly attempts: () => number;
  /** Breaks all connections, and takes no more. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Answers every further client by `message`, and hangs up; undefined: serves them again. */
  refuseWith(message: Buffer | undefined): void;
}

export async function openTcpProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const sockets = new Set<net.Socket>();
  let attempts = 0;
  let refusal: Buffer | undefined;
  const keep = (socket: net.Socket): void => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  };
  const onClient = (client: net.Socket): void => {
    attempts++;
    keep(client);
    // The start-up packet comes first; what is said before it isn't understood.
    const words = refusal;
    if (words) return void client.once("data", () => client.end(words));
    const server = net.connect(target.port, target.host);
    keep(server);
    client.pipe(server).pipe(client);
  };
  let server = net.createServer(onClient).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  return {
    port,
    attempts: () => attempts,
    down: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
    up: async () => {
      server = net.createServer(onClient).listen(port, "127.0.0.1");
      await once(server, "listening");
    },
    refuseWith: (message) => {
      refusal = message;
    },
  };
}

/** https://www.postgresql.org/docs/current/protocol-error-fields.html */
export function errorResponse(fields: Readonly<Record<string, string>>): Buffer {
  const body = Buffer.from(`${Object.entries(fields).map(([code, text]) => `${code}${text}\0`).join("")}\0`);
  const head = Buffer.alloc(5);
  head.write("E");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
