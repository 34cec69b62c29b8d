import net from "node:net";
import { describeDatabases } from "@plinth/testing/vitest";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { RememberedKeys } from "../../src/database/connect/remembered-keys.ts";
import { ScramClient } from "../../src/database/connect/scram-client.ts";
import { unlessDependedOn } from "../../../../test/support/unless-depended-on.ts";

// What ScramClient relies on in `pg` beyond its documentation. A new version of it has to pass here first.

const connected = async <T>(config: pg.ClientConfig, remembered: RememberedKeys, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new ScramClient(config, remembered);
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
};

const userOf = async (client: pg.Client): Promise<unknown> => (await client.query("select current_user as name")).rows[0]?.name;

describeDatabases("a client of its own SCRAM", (databases) => {
  let config: pg.ClientConfig;
  beforeAll(async () => void ({ config } = await databases.create()));

  test("is a client as any other, at first and with what it remembers", async () => {
    const remembered = new RememberedKeys();
    for (let i = 0; i < 3; i++) expect(await connected(config, remembered, async (client) => (await client.query("select $1::int + 1 as n", [i])).rows)).toEqual([{ n: i + 1 }]);
  });
});

const url = inject("nativePostgresUrl");
describe.runIf(url !== undefined)("a login with a password", () => {
  const role = `scram_${Math.random().toString(36).slice(2)}`;
  const admin = new pg.Client({ connectionString: url });
  const as = (password: pg.ClientConfig["password"]): pg.ClientConfig => {
    const { hostname, port, pathname } = new URL(url ?? "");
    return { host: hostname, port: Number(port), database: pathname.slice(1), user: role, password };
  };
  beforeAll(async () => {
    await admin.connect();
    await admin.query(`create role ${role} login password 'first'`);
  });
  afterAll(async () => {
    await unlessDependedOn(admin.query(`drop role ${role}`));
    await admin.end();
  });

  test("gets in, and stays out with another password, however often it was in before", async () => {
    const remembered = new RememberedKeys();
    for (let i = 0; i < 2; i++) {
      expect(await connected(as("first"), remembered, userOf)).toBe(role);
      await expect(connected(as("second"), remembered, userOf)).rejects.toMatchObject({ code: "28P01" });
    }
  });

  test("gets in with a new password, and no more with the one before", async () => {
    const remembered = new RememberedKeys();
    await connected(as("first"), remembered, userOf);
    await admin.query(`alter role ${role} password 'second'`);
    await expect(connected(as("first"), remembered, userOf)).rejects.toMatchObject({ code: "28P01" });
    expect(await connected(as("second"), remembered, userOf)).toBe(role);
    await admin.query(`alter role ${role} password 'first'`);
  });

  test("gets in with the password of a function, and with one that SASLprep changes", async () => {
    const remembered = new RememberedKeys();
    expect(await connected(as(async () => "first"), remembered, userOf)).toBe(role);
    await admin.query(`alter role ${role} password 'pässwörd\u00a0\u2168'`);
    for (let i = 0; i < 2; i++) expect(await connected(as("pässwörd\u00a0\u2168"), remembered, userOf)).toBe(role);
    await admin.query(`alter role ${role} password 'first'`);
  });

  test("is told in words what is missing", async () => {
    await expect(connected(as(""), new RememberedKeys(), userOf)).rejects.toThrow(/SASL|password/);
  });
});

/** Speaks as much of the protocol as a server that doesn't know the password can. */
async function impostor(answers: (clientNonce: string) => readonly Buffer[]): Promise<{ port: number; close(): Promise<void> }> {
  const message = (type: string, ...parts: readonly Buffer[]): Buffer => {
    const body = Buffer.concat(parts);
    const head = Buffer.alloc(5, type);
    head.writeInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };
  const server = net.createServer((socket) => {
    let step = 0;
    let script: readonly Buffer[] = [];
    socket.on("error", () => undefined);
    socket.on("data", (data: Buffer) => {
      if (step === 1) script = answers(/r=([^,]+)$/.exec(data.toString("latin1"))?.[1] ?? "");
      const answer = step === 0 ? Buffer.concat([int32(10), Buffer.from("SCRAM-SHA-256\0\0")]) : script[step - 1];
      step++;
      if (answer) socket.write(message("R", answer));
      // And lets the client in, whatever it has said.
      if (step === 3) socket.write(Buffer.concat([message("R", int32(0)), message("Z", Buffer.from("I"))]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  return { port, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const goOn = (text: string): Buffer => Buffer.concat([int32(11), Buffer.from(text)]);
const end = (text: string): Buffer => Buffer.concat([int32(12), Buffer.from(text)]);

describe("a server that doesn't know the password", () => {
  test.each<[string, (nonce: string) => readonly Buffer[]]>([
    ["signs with something else", (nonce) => [goOn(`r=${nonce}abc,s=c2FsdA==,i=4096`), end(`v=${Buffer.alloc(32).toString("base64")}`)]],
    ["signs with nothing", (nonce) => [goOn(`r=${nonce}abc,s=c2FsdA==,i=4096`), end("v=")]],
    ["says that it failed", (nonce) => [goOn(`r=${nonce}abc,s=c2FsdA==,i=4096`), end("e=other-error")]],
    ["doesn't sign at all", (nonce) => [goOn(`r=${nonce}abc,s=c2FsdA==,i=4096`)]],
    ["takes a nonce of its own", () => [goOn("r=abc,s=c2FsdA==,i=4096")]],
    ["adds nothing to the nonce", (nonce) => [goOn(`r=${nonce},s=c2FsdA==,i=4096`)]],
    ["asks for endless work", (nonce) => [goOn(`r=${nonce}abc,s=c2FsdA==,i=100000000`)]],
    ["asks for no work", (nonce) => [goOn(`r=${nonce}abc,s=c2FsdA==,i=0`)]],
    ["doesn't speak SCRAM", () => [goOn("hello")]],
  ])("is refused when it %s", async (_title, answers) => {
    const { port, close } = await impostor(answers);
    const client = new ScramClient({ host: "127.0.0.1", port, user: "u", password: "secret", database: "d", connectionTimeoutMillis: 5_000 }, new RememberedKeys());
    client.on("error", () => undefined);
    await expect(client.connect()).rejects.toThrow(/SASL/);
    (client as unknown as { connection: { stream: net.Socket } }).connection.stream.destroy();
    await close();
  });
});
