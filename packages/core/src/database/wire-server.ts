import { randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import type { Duplex } from "node:stream";
import type pg from "pg";
import { errorResponse } from "./embedded/wire/backend-messages.ts";
import { readStartupPacket } from "./embedded/wire/startup-packet.ts";

/**
 * The embedded database on a TCP port, for psql and other tools during development. Loopback only.
 * https://www.postgresql.org/docs/current/protocol-flow.html
 */
export interface WireServer {
  /** With a password made for this server alone. */
  readonly url: string;
  /** Ends the connections and gives the port back. */
  close(): Promise<void>;
}

/** What a connection must name in its start-up packet. */
interface Login {
  readonly user: string;
  readonly database: string;
  readonly password: string;
}

interface Startup {
  readonly parameters: ReadonlyMap<string, string>;
  /** With its length field, for the database to read. */
  readonly packet: Buffer;
}

/** A connection that can't go on: what the client is told. */
class Refusal extends Error {
  readonly sqlstate: string;

  constructor(sqlstate: string, message: string) {
    super(message);
    this.sqlstate = sqlstate;
  }
}

/** In bytes, length field included; a start-up packet has a code as well, and a CancelRequest's length is fixed. */
const SHORTEST_MESSAGE = 5;
const SHORTEST_STARTUP = 8;
const LONGEST_PACKET = 10_000;
/** How long a client may take to introduce itself, in milliseconds. */
const PATIENCE = 30_000;
const PASSWORD_MESSAGE = 0x70;
/** AuthenticationCleartextPassword: the connection doesn't leave this machine. */
const ASK_PASSWORD = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]);
const NO_ENCRYPTION = "N";

/**
 * @param config of the embedded database: its `stream` makes one more virtual client for each connection
 * @param port 0 takes a free one
 * @throws what `net.Server` emits where it can't listen, e.g. EADDRINUSE
 */
export async function serveDatabase(config: pg.ClientConfig, port = 0): Promise<WireServer> {
  const login: Login = { user: config.user ?? "postgres", database: config.database ?? "postgres", password: randomBytes(18).toString("base64url") };
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    introduce(socket, login, config).catch((error: unknown) => refuse(socket, error));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const { port: actual } = server.address() as net.AddressInfo;
  return {
    url: `postgres://${login.user}:${login.password}@127.0.0.1:${actual}/${login.database}`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Start-up and password, then the two streams are one. */
async function introduce(socket: net.Socket, login: Login, config: pg.ClientConfig): Promise<void> {
  socket.setTimeout(PATIENCE, () => socket.destroy());
  const startup = await readStartup(socket, config);
  if (!startup) return;
  socket.write(ASK_PASSWORD);
  check(startup.parameters, await readPassword(socket), login);
  socket.setTimeout(0);
  join(socket, openStream(config), startup.packet);
}

function join(socket: net.Socket, database: Duplex, startup: Buffer): void {
  database.on("error", () => socket.destroy());
  // Not destroyed: the database's last words are still to be sent.
  database.once("close", () => socket.end());
  socket.once("close", () => database.destroy());
  database.write(startup);
  socket.pipe(database);
  database.pipe(socket);
}

function refuse(socket: net.Socket, error: unknown): void {
  if (!(error instanceof Refusal)) return void socket.destroy();
  socket.end(errorResponse({ severity: "FATAL", sqlstate: error.sqlstate, message: error.message }));
}

/** In PostgreSQL's words. The password comes first: nobody else is told which names there are. */
function check(parameters: ReadonlyMap<string, string>, password: string, login: Login): void {
  const user = parameters.get("user") ?? "";
  const database = parameters.get("database") ?? user;
  if (!equal(password, login.password)) throw new Refusal("28P01", `password authentication failed for user "${user}"`);
  if (user !== login.user) throw new Refusal("28000", `role "${user}" does not exist`);
  if (database !== login.database) throw new Refusal("3D000", `database "${database}" does not exist`);
}

function openStream(config: pg.ClientConfig): Duplex {
  const made = typeof config.stream === "function" ? (config.stream as (config: pg.ClientConfig) => Duplex)(config) : undefined;
  if (!made) throw new Error("This database has no virtual connections to serve.");
  return made;
}

/** The start-up packet; undefined where the connection was for a cancellation, which is passed on. */
async function readStartup(socket: net.Socket, config: pg.ClientConfig): Promise<Startup | undefined> {
  for (;;) {
    const packet = await readPacket(socket, SHORTEST_STARTUP);
    const startup = readStartupPacket(packet);
    if (startup.kind === "startup") return { parameters: startup.parameters, packet };
    if (startup.kind === "cancel") {
      openStream(config).resume().write(packet);
      socket.end();
      return undefined;
    }
    socket.write(NO_ENCRYPTION);
  }
}

async function readPassword(socket: net.Socket): Promise<string> {
  const type = await read(socket, 1);
  if (type[0] !== PASSWORD_MESSAGE) throw new Error("not a password message");
  const message = await readPacket(socket, SHORTEST_MESSAGE);
  return message.toString("utf8", 4).replace(/\0.*$/s, "");
}

/** A length field and what it announces. */
async function readPacket(socket: net.Socket, shortest: number): Promise<Buffer> {
  const length = await read(socket, 4);
  const bytes = length.readInt32BE(0);
  if (bytes < shortest || bytes > LONGEST_PACKET) throw new Refusal("08P01", "invalid length of startup packet");
  return Buffer.concat([length, await read(socket, bytes - 4)]);
}

async function read(socket: net.Socket, bytes: number): Promise<Buffer> {
  for (;;) {
    const chunk = socket.read(bytes) as Buffer | null;
    if (chunk?.length === bytes) return chunk;
    if (chunk || socket.readableEnded || socket.destroyed) throw new Error("the connection ended early");
    await moreToRead(socket);
  }
}

function moreToRead(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => {
    const events = ["readable", "end", "close"];
    const wake = (): void => {
      for (const event of events) socket.off(event, wake);
      resolve();
    };
    for (const event of events) socket.on(event, wake);
  });
}

function equal(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
