import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { createWriteStream } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { startStoppablePostgres, type StoppablePostgres } from "../../../../test/faults/support/stoppable-postgres.ts";
import type { ControlPlane } from "../../src/projects/control-plane.ts";
import { NativeHost } from "../../src/projects/native/native-host.ts";
import { MASTER_KEY, type NativeWorld, openNativeWorld, query, uniqueRef } from "./support/native-world.ts";
import type { FatalTransfer } from "./support/transfer-and-die.ts";

const NOTHING = { purged: [], finished: [], failed: [] };

describe.runIf(inject("nativePostgresUrl") !== undefined)("between two servers", () => {
  let world: NativeWorld;
  let second: StoppablePostgres;
  let projects: ControlPlane;
  let folder: string;
  beforeAll(async () => {
    [world, second, folder] = await Promise.all([openNativeWorld({ drainMs: 0 }), startStoppablePostgres(), mkdtemp(join(tmpdir(), "plinth-exports-"))]);
    projects = await world.another({ otherHosts: [new NativeHost({ adminUrl: second.url, cluster: "two" })] });
  }, 60_000);
  afterAll(async () => {
    for (const { ref } of (await projects.list({ limit: 1_000 })).projects) await projects.delete(ref);
    await world.end();
    await second.remove();
    await rm(folder, { recursive: true });
  });

  async function dieIn(transfer: Pick<FatalTransfer, "ref" | "on" | "moment" | "file">): Promise<void> {
    const script = new URL("./support/transfer-and-die.ts", import.meta.url).pathname;
    const told: FatalTransfer = { urls: [world.adminUrl, second.url], masterKey: MASTER_KEY, ...transfer };
    const child = spawn(process.execPath, ["--conditions=plinth-source", script, JSON.stringify(told)], { stdio: ["ignore", "ignore", "inherit"] });
    const [, signal] = (await once(child, "exit")) as [number | null, string | null];
    expect(signal, transfer.moment).toBe("SIGKILL");
  }

  /** Databases and roles of the project on each server. */
  async function found(ref: string): Promise<{ readonly one: number; readonly two: number }> {
    const count = async (url: string): Promise<number> =>
      Number((await query(url, "select count(*) from (select datname from pg_database where datname like $1 union all select rolname from pg_roles where rolname like $1) as found", [`plinth_${ref}%`]))[0]?.["count"]);
    return { one: await count(world.adminUrl), two: await count(second.url) };
  }

  /** The server may take a moment to see that the process is gone which had the project's lock. */
  async function swept(ref: string): Promise<"purged" | "finished"> {
    for (const until = Date.now() + 5_000; ; ) {
      const { purged, finished, failed } = await projects.sweepDeleted();
      expect(failed).toEqual([]);
      if (purged.includes(ref)) return "purged";
      if (finished.includes(ref)) return "finished";
      if (Date.now() > until) throw new Error("nothing was swept");
    }
  }

  async function make(): Promise<string> {
    const ref = uniqueRef();
    await projects.create({ ref, cluster: "default" });
    const owner = await projects.ownerDatabase(ref);
    await owner.script("create table public.notes as select i as id, repeat(md5(i::text), 8) as text from generate_series(1, 20000) i; create index on notes (id)");
    await owner.release();
    return ref;
  }

  const WHOLE = [{ rows: 20_000, sum: 200_010_000 }];

  async function expectWhole(ref: string, cluster: "default" | "two"): Promise<void> {
    expect(await projects.get(ref)).toMatchObject({ status: "active", cluster });
    expect(await found(ref)).toEqual(cluster === "default" ? { one: 2, two: 0 } : { one: 0, two: 2 });
    expect(await query((await projects.get(ref)).databaseUrl as string, "select 1 as in")).toEqual([{ in: 1 }]);
    const owner = await projects.ownerDatabase(ref);
    const counted = await query(owner.config.connectionString as string, "select count(*)::int as rows, sum(id)::int as sum from notes");
    await owner.release();
    expect(counted).toEqual(WHOLE);
    expect(await projects.sweepDeleted()).toEqual(NOTHING);
  }

  /** Openings of the owner's connection on the second server: 1 to see that it is another one, 2 to restore, 3 to set up, 4 to count. */
  const BEFORE_THE_SWITCH: ReadonlyArray<Pick<FatalTransfer, "on" | "moment">> = [
    { on: "first", moment: "before shut" },
    { on: "first", moment: "after shut" },
    { on: "second", moment: "after drop" },
    { on: "second", moment: "after login-role" },
    { on: "second", moment: "after database" },
    { on: "second", moment: "opening 2" },
    { on: "second", moment: "opening 3" },
    { on: "second", moment: "opening 4" },
  ];

  test.each(BEFORE_THE_SWITCH)("a move killed at work on the $on server, $moment, is taken back by a sweep", { timeout: 60_000 }, async ({ on, moment }) => {
    const ref = await make();
    await dieIn({ ref, on, moment });
    expect((await projects.get(ref)).status).toBe("moving");
    await expect(projects.ownerDatabase(ref)).rejects.toMatchObject({ code: "PLINTH_PROJECT_MOVING" });
    expect(await swept(ref)).toBe("finished");
    await expectWhole(ref, "default");
    await projects.delete(ref);
  });

  test.each(BEFORE_THE_SWITCH.filter((_, at) => at % 3 === 1))("a move killed at work on the $on server, $moment, is ended by another", { timeout: 60_000 }, async ({ on, moment }) => {
    const ref = await make();
    await dieIn({ ref, on, moment });
    await expect(projects.move(ref, { cluster: "default" })).rejects.toMatchObject({ code: "PLINTH_PROJECT_STATE" });
    expect(await projects.move(ref, { cluster: "two" })).toMatchObject({ status: "active", cluster: "two" });
    await expectWhole(ref, "two");
    await projects.delete(ref);
  });

  test.each(["before drop", "after drop"])("a move killed %s of the former database has been made", { timeout: 60_000 }, async (moment) => {
    const ref = await make();
    await dieIn({ ref, on: "first", moment });
    expect(await projects.get(ref)).toMatchObject({ status: "active", cluster: "two" });
    expect(await swept(ref)).toBe("finished");
    await expectWhole(ref, "two");
    await projects.delete(ref);
  });

  test("a project that was left in mid-move or just after it can be deleted, and nothing stays", { timeout: 60_000 }, async () => {
    for (const when of [{ on: "second", moment: "opening 3" }, { on: "first", moment: "before drop" }] as const) {
      const ref = await make();
      await dieIn({ ref, ...when });
      await projects.delete(ref);
      expect(await found(ref)).toEqual({ one: 0, two: 0 });
      await expect(projects.get(ref)).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
    }
  });

  test("an import that is killed leaves nothing, and can be begun again", { timeout: 120_000 }, async () => {
    const source = await make();
    const file = join(folder, "whole.plinth");
    await pipeline(await projects.export(source), createWriteStream(file));
    const { size } = await stat(file);
    const ref = uniqueRef();
    for (const [on, moment] of [["second", "after login-role"], ["bytes", String(Math.floor(size / 3))], ["bytes", String(size - 5_000)], ["second", "opening 2"]] as const) {
      await dieIn({ ref, file, on, moment });
      expect((await projects.get(ref)).status).toBe("deleting");
      await expect(projects.record(ref)).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
      if (moment === "after login-role") continue;
      expect(await swept(ref)).toBe("purged");
      expect(await found(ref)).toEqual({ one: 0, two: 0 });
    }
    await dieIn({ ref, file, on: "second", moment: "opening 1" });
    // Whoever comes next takes away what there is: an import, or a project of that ref.
    await pipeline(await projects.export(source), (exported) => projects.import(exported, { ref, cluster: "two" }));
    await expectWhole(ref, "two");
    await projects.delete(ref);
    await dieIn({ ref, file, on: "second", moment: "opening 2" });
    expect(await projects.create({ ref })).toMatchObject({ status: "active" });
    const owner = await projects.ownerDatabase(ref);
    expect(await query(owner.config.connectionString as string, "select to_regclass('public.notes') as notes")).toEqual([{ notes: null }]);
    await owner.release();
    await projects.delete(ref);
    expect(await found(ref)).toEqual({ one: 0, two: 0 });
    await projects.delete(source);
  });
});
