import { readFileSync } from "node:fs";
import { describeDatabases } from "@plinth/testing/vitest";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runFlight, sendFlight } from "../../src/database/scope/run-flight.ts";

// What scoped flights rely on in `pg` beyond its documentation. A new version of it has to pass here first.

test("pg is pinned to one version", () => {
  const { dependencies } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { dependencies: Record<string, string> };
  expect(dependencies["pg"]).toMatch(/^\d+\.\d+\.\d+$/);
});

describeDatabases("scoped flights on the wire", (databases) => {
  let client: pg.Client;
  let sent: string;
  beforeAll(async () => {
    const { config } = await databases.create();
    client = new pg.Client(config);
    client.on("error", () => undefined);
    await client.connect();
    const { stream } = (client as unknown as { connection: { stream: NodeJS.WritableStream } }).connection;
    const write = stream.write.bind(stream) as (chunk: Buffer) => boolean;
    stream.write = ((chunk: Buffer) => {
      sent += String.fromCharCode(chunk[0] ?? 0);
      return write(chunk);
    }) as typeof stream.write;
  });
  afterAll(() => client.end());

  const scope = { role: "postgres", claims: {} };
  const flight = async (sql: string, parameters: string[] = []) => {
    sent = "";
    const [result] = await runFlight(client, scope, [{ sql, parameters }], "commit", "named");
    return result?.rows;
  };

  describe("P Parse, B Bind, E Execute, S Sync", () => {
    test("the first time statements are parsed; from then on it is Bind and Execute, twice, and one Sync", async () => {
      expect(await flight("select $1::int + 1", ["1"])).toEqual([["2"]]);
      expect(sent).toBe("PBEPBES");
      expect(await flight("select $1::int + 1", ["41"])).toEqual([["42"]]);
      expect(sent).toBe("BEBES");
    });

    test("an ending that is known beforehand is part of the flight", async () => {
      sent = "";
      await runFlight(client, scope, [{ sql: "select 1", parameters: [] }], "rollback", "named");
      expect(sent.match(/S/g)).toHaveLength(1);
    });

    test("a statement that failed is closed before it is parsed again", async () => {
      await expect(flight("select 1 / $1::int", ["0"])).rejects.toMatchObject({ code: "22012" });
      expect(await flight("select 1 / $1::int", ["1"])).toEqual([["1"]]);
      expect(sent).toBe("BECPBES");
    });

    test("unnamed statements are parsed each time", async () => {
      for (let i = 0; i < 2; i++) {
        sent = "";
        await sendFlight(client, [{ role: undefined, sql: "select 7", parameters: [] }], "unnamed");
        expect(sent).toBe("PBES");
      }
    });
  });

  test("an error is PostgreSQL's own, of pg's class", async () => {
    await expect(flight("select * from nowhere")).rejects.toBeInstanceOf(pg.DatabaseError);
    await expect(flight("select * from nowhere")).rejects.toMatchObject({ code: "42P01" });
  });

  test("flights and ordinary queries take turns on one client", async () => {
    const both = await Promise.all([flight("select 1"), client.query("select 2 as two")]);
    expect(both[0]).toEqual([["1"]]);
    expect(both[1].rows).toEqual([{ two: 2 }]);
  });

  test("COPY is refused and leaves the client usable", async () => {
    await client.query("create temporary table target (a int)");
    await expect(flight("copy target from stdin")).rejects.toBeInstanceOf(Error);
    expect(await flight("select 5")).toEqual([["5"]]);
  });
});
