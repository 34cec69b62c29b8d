import { once } from "node:events";
import type { Duplex } from "node:stream";
import { serialize } from "pg-protocol";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { openEmbeddedDatabase, type EmbeddedDatabase } from "../../src/database/embedded/open-embedded-database.ts";

let database: EmbeddedDatabase;

beforeAll(async () => {
  database = await openEmbeddedDatabase({ directory: undefined });
}, 120_000);
afterAll(() => database.close());

/** A client that speaks the protocol itself, for what `pg` never sends. */
class RawClient {
  readonly stream: Duplex;
  #received = Buffer.alloc(0);

  constructor() {
    this.stream = (database.clientConfig.stream as () => Duplex)();
    this.stream.on("data", (chunk: Buffer) => (this.#received = Buffer.concat([this.#received, chunk])));
    this.stream.on("error", () => undefined);
    onTestFinished(() => void this.stream.destroy());
  }

  /** Sends, waits for as many ReadyForQuery, and gives the types of the answer's messages. */
  async ask(ready: number, ...messages: readonly Buffer[]): Promise<string> {
    this.#received = Buffer.alloc(0);
    for (const message of messages) this.stream.write(message);
    while (this.types().split("Z").length <= ready) await once(this.stream, "data");
    return this.types();
  }

  types(): string {
    let types = "";
    for (let offset = 0; offset + 5 <= this.#received.length; offset += 1 + this.#received.readInt32BE(offset + 1)) types += String.fromCharCode(this.#received[offset] as number);
    return types;
  }

  text(): string {
    return this.#received.toString("latin1");
  }
}

async function start(): Promise<RawClient> {
  const client = new RawClient();
  await client.ask(1, serialize.startup({ user: "postgres", database: "postgres" }));
  return client;
}

const parse = (name: string, text: string): Buffer => serialize.parse({ name, text, types: [] });
const use = (statement = ""): Buffer[] => [serialize.bind({ statement }), serialize.execute({ portal: "" })];

test("encryption is declined, then the start-up goes on", async () => {
  const client = new RawClient();
  client.stream.write(serialize.requestSsl());
  expect(String((await once(client.stream, "data"))[0])).toBe("N");
  expect(await client.ask(1, serialize.startup({ user: "postgres" }))).toMatch(/^RS+KZ$/);
});

test("messages are put together from pieces of any size", async () => {
  const client = await start();
  const bytes = Buffer.concat([parse("", "select 'whole'"), ...use(), serialize.sync(), serialize.query("select 2")]);
  const pieces = Array.from({ length: Math.ceil(bytes.length / 3) }, (_, i) => bytes.subarray(3 * i, 3 * i + 3));
  expect(await client.ask(2, ...pieces)).toBe("12DCZTDCZ");
});

test("the unnamed statement lasts over other clients' use of theirs", async () => {
  const [a, b] = [await start(), await start()];
  expect(await a.ask(1, parse("", "select 'mine'"), serialize.describe({ type: "S", name: "" }), serialize.sync())).toBe("1tTZ");
  await b.ask(1, parse("", "select 'not mine'"), ...use(), serialize.sync());
  expect(await a.ask(1, ...use(), serialize.sync())).toBe("2DCZ");
  expect(a.text()).toContain("mine");
  expect(a.text()).not.toContain("not mine");
  expect(await a.ask(1, serialize.describe({ type: "S", name: "" }), serialize.sync())).toBe("tTZ");
});

test("no client can use an unnamed statement of another's", async () => {
  const [a, b] = [await start(), await start()];
  await a.ask(1, parse("", "select 'secret'"), ...use(), serialize.sync());
  expect(await b.ask(1, ...use(), serialize.sync())).toBe("EZ");
  expect(b.text()).toContain("26000");
});

test("up to Sync the backend is the client's, also after Flush", async () => {
  const [a, b] = [await start(), await start()];
  a.stream.write(Buffer.concat([parse("", "select 'a'"), serialize.flush()]));
  await once(a.stream, "data");
  const other = b.ask(1, serialize.query("select 'b'"));
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(b.types()).toBe("");
  expect(await a.ask(1, ...use(), serialize.sync())).toBe("2DCZ");
  expect(await other).toBe("TDCZ");
});

test("batches sent without waiting are each answered, an error ending its own only", async () => {
  const client = await start();
  const answer = await client.ask(3, parse("s", "select 1"), serialize.sync(), parse("", "selec"), ...use(), serialize.sync(), ...use("s"), serialize.sync());
  expect(answer).toBe("1ZEZ2DCZ");
});

test("a message no client may send ends that client's connection only", async () => {
  const [a, b] = [await start(), await start()];
  a.stream.write(Buffer.from([0x7a, 0, 0, 0, 4]));
  await once(a.stream, "close");
  expect(a.text()).toContain("08P01");
  expect(await b.ask(1, serialize.query("select 1"))).toBe("TDCZ");
});
