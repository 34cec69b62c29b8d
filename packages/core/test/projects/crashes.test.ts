import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ControlPlane } from "../../src/projects/control-plane.ts";
import type { DatabaseHost, DatabaseLocation } from "../../src/projects/database-host.ts";
import { NativeHost } from "../../src/projects/native/native-host.ts";
import { hostWith } from "./support/host-with.ts";
import { databaseIn, MASTER_KEY, type NativeWorld, openNativeWorld, query, uniqueRef } from "./support/native-world.ts";

let world: NativeWorld;
let host: DatabaseHost;
beforeAll(async () => {
  world = await openNativeWorld({ drainMs: 0 });
  host = new NativeHost({ adminUrl: world.adminUrl });
});
afterAll(async () => {
  await host.close?.();
  await world.end();
});

/** Another process calls the method, and is killed at that moment. */
async function dieIn(method: string, ref: string, moment: string, argument = "{}"): Promise<void> {
  const script = new URL("./support/act-and-die.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, ["--conditions=plinth-source", script, world.adminUrl, MASTER_KEY, ref, moment, method, argument], { stdio: ["ignore", "ignore", "inherit"] });
  const [, signal] = (await once(child, "exit")) as [number | null, string | null];
  expect(signal, `${method} ${moment}`).toBe("SIGKILL");
}

const mayLogIn = async (ref: string): Promise<unknown> => (await query(world.adminUrl, "select rolcanlogin as may from pg_roles where rolname = $1", [`plinth_${ref}`]))[0]?.["may"];
const left = (ref: string) => query(world.adminUrl, "select datname from pg_database where datname like $1 union all select rolname from pg_roles where rolname like $1", [`plinth_${ref}%`]);
const statusOf = async (ref: string): Promise<string> => (await world.projects.get(ref)).status;

/** The server may take a moment to see that the process is gone which had the project's lock. */
async function swept(ref: string): Promise<"purged" | "finished"> {
  for (const until = Date.now() + 5_000; ; ) {
    const { purged, finished, failed } = await world.projects.sweepDeleted();
    expect(failed).toEqual([]);
    if (purged.includes(ref)) return "purged";
    if (finished.includes(ref)) return "finished";
    if (Date.now() > until) throw new Error("nothing was swept");
  }
}

/** The status that a call leads to, and whether the login is open then. */
interface Call {
  readonly method: "pause" | "resume" | "restore" | "delete";
  readonly argument?: { readonly graceMs: number };
  readonly work: "shut" | "reopen";
  before(projects: ControlPlane, ref: string): Promise<unknown>;
  readonly status: string;
  readonly open: boolean;
}

const CALLS: readonly Call[] = [
  { method: "pause", work: "shut", before: async () => undefined, status: "paused", open: false },
  { method: "resume", work: "reopen", before: (projects, ref) => projects.pause(ref), status: "active", open: true },
  { method: "delete", argument: { graceMs: 60_000 }, work: "shut", before: async () => undefined, status: "deleted", open: false },
  { method: "restore", work: "reopen", before: (projects, ref) => projects.delete(ref, { graceMs: 60_000 }), status: "active", open: true },
];

const STATUS_BEFORE: Readonly<Record<string, string>> = { resume: "paused", restore: "deleted" };

describe.each(CALLS)("a $method", ({ method, argument, work, before, status, open }) => {
  const call = async (projects: ControlPlane, ref: string): Promise<void> => void (method === "delete" ? await projects.delete(ref, argument) : await projects[method](ref));

  test.each(["before", "after"])("that is broken off %s its work on the server is ended by the next", async (when) => {
    const ref = uniqueRef();
    await world.projects.create({ ref });
    await before(world.projects, ref);
    const breakOff = async (done: Promise<void>): Promise<void> => done.then(() => Promise.reject(new Error("power cut")));
    const broken = await world.another({
      host: hostWith(host, { [work]: (location: DatabaseLocation) => breakOff(when === "before" ? Promise.resolve() : work === "shut" ? host.shut(location, 0) : host.reopen(location)) }),
    });
    await expect(call(broken, ref)).rejects.toThrow("power cut");
    await call(world.projects, ref);
    expect([await statusOf(ref), await mayLogIn(ref)]).toEqual([status, open]);
    expect(await world.projects.sweepDeleted()).toEqual({ purged: [], finished: [], failed: [] });
  });

  test.each(["before", "after"])("that is killed %s its work on the server is made whole by a sweep", { timeout: 60_000 }, async (when) => {
    const ref = uniqueRef();
    await world.projects.create({ ref });
    await before(world.projects, ref);
    await dieIn(method, ref, `${when} ${work}`, JSON.stringify(argument ?? {}));
    expect(await swept(ref)).toBe("finished");
    const now = await statusOf(ref);
    // Begun or not: what the project is called is what it is.
    expect([now, await mayLogIn(ref)]).toEqual([STATUS_BEFORE[method] ?? status, false]);
    expect(await world.projects.sweepDeleted()).toEqual({ purged: [], finished: [], failed: [] });
  });
});

test.each(["before drop", "after drop"])("a delete that is killed %s is ended by a sweep", { timeout: 60_000 }, async (moment) => {
  const ref = uniqueRef();
  await world.projects.create({ ref });
  await dieIn("delete", ref, moment);
  expect(await swept(ref)).toBe("purged");
  await expect(world.projects.get(ref)).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
  expect(await left(ref)).toEqual([]);
});

test.each(["before login-role", "after database"])("a create that is killed %s is ended by a sweep", { timeout: 60_000 }, async (moment) => {
  const ref = uniqueRef();
  await dieIn("create", ref, moment);
  expect(await swept(ref)).toBe("finished");
  const made = await world.projects.get(ref);
  expect(made.status).toBe("active");
  expect(await query(made.databaseUrl as string, "select 1 as one")).toEqual([{ one: 1 }]);
  expect(await query(databaseIn(world.adminUrl, `plinth_${ref}`), "select to_regprocedure('auth.uid()') is not null as base")).toEqual([{ base: true }]);
});

test("a sweep leaves alone what somebody is still at work on, and several may sweep", async () => {
  const refs = Array.from({ length: 3 }, () => uniqueRef());
  const other = await world.another();
  const making = refs.map((ref) => world.projects.create({ ref }));
  const sweeps = await Promise.all([other.sweepDeleted(), world.projects.sweepDeleted(), other.sweepDeleted()]);
  await Promise.all(making);
  expect(sweeps.flatMap(({ failed }) => failed)).toEqual([]);
  for (const ref of refs) expect(await statusOf(ref)).toBe("active");
});
