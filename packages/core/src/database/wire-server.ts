import { randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import type { Duplex } from "node:stream";
import type pg from "pg";

/**
 * The embedded database on a TCP port, for psql and other tools during development. Loopback only.
 * https://www.postgresql.org/docs/current/protocol-flow.html
 */
export interface WireServer {
  /** With a password made for this server alone. */
  readonly url: string;
  close(): Promise<void>;
}

const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const CANCEL_REQUEST = 80_877_102;
const LONGEST_STARTUP = 10_000;
const ASK_PASSWORD = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]);

/** @param config of the embedded database: its `stream` makes one more virtual client for each connection */
export async function serveDatabase(config: pg.ClientConfig, port = 0): Promise<WireServer> {
  const password = randomBytes(18).toString("base64url");
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    void introduce(socket, password, config).catch(() => socket.destroy());
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const { port: actual } = server.address() as net.AddressInfo;
  return {
    url: `postgres://${config.user ?? "postgres"}:${password}@127.0.0.1:${actual}/${config.database ?? "postgres"}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Start-up and password, then the two streams are one. */
async function introduce(socket: net.Socket, password: string, config: pg.ClientConfig): Promise<void> {
  const startup = await readStartup(socket);
  if (startup === undefined) return void socket.end();
  socket.write(ASK_PASSWORD);
  const message = await readPassword(socket);
  if (!equal(message, password)) return void socket.end(errorMessage("28P01", "password authentication failed"));
  const database = openStream(config);
  database.on("error", () => socket.destroy());
  database.once("close", () => socket.destroy());
  socket.once("close", () => database.destroy());
  database.write(startup);
  socket.pipe(database);
  database.pipe(socket);
}

function openStream(config: pg.ClientConfig): Duplex {
  const made = typeof config.stream === "function" ? (config.stream as (config: pg.ClientConfig) => Duplex)(config) : undefined;
  if (!made) throw new Error("This database has no virtual connections to serve.");
  (made as Duplex & { connect?(port: number, host: string): void }).connect?.(0, "");
  return made;
}

/** The start-up message; undefined where the connection was only for a cancellation, which can't be done here. */
async function readStartup(socket: net.Socket): Promise<Buffer | undefined> {
  for (;;) {
    const length = (await read(socket, 4)).readInt32BE(0);
    if (length < 8 || length > LONGEST_STARTUP) throw new Error("not a start-up message");
    const rest = await read(socket, length - 4);
    const code = rest.readInt32BE(0);
    if (code === CANCEL_REQUEST) return undefined;
    if (code !== SSL_REQUEST && code !== GSS_REQUEST) {
      const head = Buffer.alloc(4);
      head.writeInt32BE(length, 0);
      return Buffer.concat([head, rest]);
    }
    socket.write("N");
  }
}

async function readPassword(socket: net.Socket): Promise<string> {
  const head = await read(socket, 5);
  const length = head.readInt32BE(1);
  if (head[0] !== 0x70 || length < 5 || length > LONGEST_STARTUP) throw new Error("not a password message");
  return (await read(socket, length - 4)).toString("utf8").replace(/\0.*$/s, "");
}

async function read(socket: net.Socket, bytes: number): Promise<Buffer> {
  for (;;) {
    const chunk = socket.read(bytes) as Buffer | null;
    if (chunk?.length === bytes) return chunk;
    if (chunk) socket.unshift(chunk);
    if (socket.readableEnded || socket.destroyed) throw new Error("the connection ended early");
    await Promise.race([once(socket, "readable"), once(socket, "end"), once(socket, "close")]);
  }
}

function equal(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}

function errorMessage(sqlstate: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${sqlstate}\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head[0] = 0x45;
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
