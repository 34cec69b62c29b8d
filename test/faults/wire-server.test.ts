import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import net from "node:net";
import { promisify } from "node:util";
import { type EmbeddedDatabase, openEmbeddedDatabase, serveDatabase, type WireServer } from "@plinth/core";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";

const PSQL = "/usr/bin/psql";
const ENDLESS = "select count(*) from generate_series(1, 1000000000000) i";

let database: EmbeddedDatabase;
let server: WireServer;

beforeAll(async () => {
  database = await openEmbeddedDatabase({ directory: undefined, idleInTransactionTimeoutMs: 400, statementTimeoutMs: 20_000 });
  server = await serveDatabase(database.clientConfig);
}, 120_000);
afterAll(async () => {
  await server.close();
  await database.close();
});

async function connect(change: (url: URL) => void = () => {}): Promise<pg.Client> {
  const url = new URL(server.url);
  change(url);
  const client = new pg.Client({ connectionString: url.href });
  client.on("error", () => undefined);
  onTestFinished(() => client.end().catch(() => undefined));
  await client.connect();
  return client;
}

/** What the server sends to these bytes until it hangs up. */
async function sent(bytes: Buffer): Promise<string> {
  const socket = net.connect(Number(new URL(server.url).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let text = "";
  socket.on("data", (chunk) => (text += chunk.toString("latin1")));
  socket.on("error", () => undefined);
  socket.write(bytes);
  await once(socket, "close");
  return text;
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeInt32BE(value, 4 * i));
  return bytes;
}

describe("pg.Client", () => {
  test("is the owner, and several clients are there at once", async () => {
    const [one, two] = [await connect(), await connect()];
    await one.query("create table kept (id int primary key); insert into kept values (1), (2)");
    expect((await two.query("select sum(id)::int as sum, current_user as who from kept")).rows).toEqual([{ sum: 3, who: "postgres" }]);
    expect((await two.query("select $1::int + id as sum from kept where id = $2", [10, 2])).rows).toEqual([{ sum: 12 }]);
  });

  test.for<[string, (url: URL) => void, string, string]>([
    ["a wrong password", (url) => (url.password = "wrong"), "28P01", 'password authentication failed for user "postgres"'],
    ["a password of the right length", (url) => (url.password = "x".repeat(24)), "28P01", 'password authentication failed for user "postgres"'],
    ["another user", (url) => (url.username = "anon"), "28000", 'role "anon" does not exist'],
    ["another database", (url) => (url.pathname = "/other"), "3D000", 'database "other" does not exist'],
  ])("%s is refused", async ([, change, code, message]) => {
    await expect(connect(change)).rejects.toMatchObject({ code, message, severity: "FATAL" });
  });

  test("a client that asks for TLS is told that there is none", async () => {
    const url = new URL(server.url);
    url.searchParams.set("sslmode", "verify-full");
    await expect(new pg.Client({ connectionString: url.href }).connect()).rejects.toThrow("The server does not support SSL connections");
  });

  test("COPY FROM STDIN is refused in words, and the connection goes on", async () => {
    const client = await connect();
    await client.query("create table if not exists copied (id int)");
    await expect(client.query("copy copied from stdin")).rejects.toMatchObject({ code: "0A000", message: "COPY FROM STDIN is not supported by the embedded database" });
    expect((await client.query("select count(*)::int as count from copied")).rows).toEqual([{ count: 0 }]);
  });

  test("a cancellation reaches the statement", async () => {
    const client = await connect();
    const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
    const result = expect(client.query(ENDLESS)).rejects.toMatchObject({ code: "57014" });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await sent(words(16, 80_877_102, processID, secretKey));
    await result;
  });
});

test("a session that leaves its transaction open is ended once others wait for it", async () => {
  const idle = await connect();
  let reason: unknown;
  idle.on("error", (error) => (reason ??= error));
  await idle.query("begin; create table abandoned (id int)");
  const other = new pg.Client(database.clientConfig);
  await other.connect();
  onTestFinished(() => other.end());
  const start = performance.now();
  expect((await other.query("select to_regclass('abandoned') as found")).rows).toEqual([{ found: null }]);
  expect(performance.now() - start).toBeLessThan(5_000);
  await expect.poll(() => reason).toMatchObject({ code: "25P03", message: "terminating connection due to idle-in-transaction timeout" });
});

describe("what is no client at all", () => {
  test.for<[string, Buffer, RegExp]>([
    ["HTTP", Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), /^E.*08P01/s],
    ["a length of nothing", words(0, 0), /^E.*08P01/s],
    ["a negative length", words(-1, 196_608), /^E.*08P01/s],
    ["a query in the place of a password", Buffer.concat([words(8, 196_608), Buffer.from("Q\0\0\0\x0dselect 1\0", "latin1")]), /^R\0\0\0\x08\0\0\0\x03$/],
    ["an endless password", Buffer.concat([words(8, 196_608), Buffer.from("p\x7f\xff\xff\xff", "latin1")]), /^R.*08P01/s],
    ["a cancellation with a wrong secret", words(16, 80_877_102, 1, 1), /^$/],
  ])("%s is hung up on", async ([, bytes, expected]) => {
    expect(await sent(bytes)).toMatch(expected);
  });

  test("closing ends the connections and frees the port", async () => {
    const other = await serveDatabase(database.clientConfig);
    const client = new pg.Client({ connectionString: other.url });
    const ended = new Promise((resolve) => client.on("error", () => undefined).once("end", () => resolve(undefined)));
    await client.connect();
    await other.close();
    await ended;
    const again = await serveDatabase(database.clientConfig, Number(new URL(other.url).port));
    await again.close();
    await expect(serveDatabase(database.clientConfig, Number(new URL(server.url).port))).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});

describe.runIf(existsSync(PSQL))("psql", () => {
  const psql = (...args: string[]) => promisify(execFile)(PSQL, ["-X", "-v", "ON_ERROR_STOP=1", server.url, ...args], { timeout: 20_000 });

  test("runs a script, with meta-commands", async () => {
    await psql("-c", "create table via_psql (id int primary key, note text); insert into via_psql values (1, 'é')");
    const { stdout } = await psql("-At", "-c", "\\d via_psql", "-c", "select * from via_psql", "-c", "\\echo done");
    expect(stdout).toContain("id|integer||not null|");
    expect(stdout).toMatch(/1\|é\ndone\n$/);
  });

  test("a script in one transaction is kept whole or not at all", async () => {
    await expect(psql("-1", "-c", "create table half (id int)", "-c", "select 1/0")).rejects.toMatchObject({ stderr: expect.stringContaining("division by zero") });
    expect((await psql("-At", "-c", "select to_regclass('half') is null")).stdout).toBe("t\n");
  });

  test("\\copy is refused in words", async () => {
    await psql("-c", "create table if not exists copied (id int)");
    await expect(psql("-c", "\\copy copied from '/dev/null'")).rejects.toMatchObject({ stderr: expect.stringMatching(/COPY FROM STDIN is not supported by the embedded database[^]*Use INSERT/) });
    expect((await psql("-c", "copy (values (1), (2)) to stdout")).stdout).toBe("1\n2\n");
  });
});
