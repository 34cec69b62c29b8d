import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openMetadata } from "../../src/metadata/metadata.ts";
import { type ControlPlane, createProjects } from "../../src/projects/control-plane.ts";
import { NativeHost } from "../../src/projects/native/native-host.ts";
import { createKeyRing } from "../../src/secrets/key-ring.ts";
import { MASTER_KEY, type NativeWorld, openNativeWorld, query, uniqueRef } from "./support/native-world.ts";

let world: NativeWorld;
let other: ControlPlane;
const told: string[] = [];

beforeAll(async () => {
  world = await openNativeWorld({ drainMs: 0 });
  other = await world.another();
  other.onChange((ref) => void told.push(ref));
  // It listens from its first look-up on.
  await other.record(uniqueRef()).catch(() => undefined);
  await listeners(1);
});
afterAll(() => world.end());

const LISTENERS = "select pid from pg_stat_activity where application_name = 'plinth notices' and datname = current_database()";

async function listeners(count: number): Promise<number[]> {
  return eventually(async () => {
    const pids = (await query<{ pid: number }>(world.adminUrl, LISTENERS)).map(({ pid }) => pid);
    expect(pids).toHaveLength(count);
    return pids;
  }, 5_000);
}

/** Within a second, as is promised. */
async function eventually<T>(look: () => Promise<T>, ms = 1_000): Promise<T> {
  for (const until = Date.now() + ms; ; ) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

const absent = { code: "PLINTH_PROJECT_NOT_FOUND" };

describe("what one process changes, another knows within a second", () => {
  test("a pause, and its end", async () => {
    const { ref } = await world.projects.create({ ref: uniqueRef() });
    const before = await eventually(async () => {
      const record = await other.record(ref);
      expect(await other.record(ref)).toBe(record);
      return record;
    });
    expect(before.project.status).toBe("active");
    await world.projects.pause(ref);
    await eventually(async () => expect((await other.record(ref)).project.status).toBe("paused"));
    expect(told).toContain(ref);
    await world.projects.resume(ref);
    await eventually(async () => expect((await other.record(ref)).project.status).toBe("active"));
  });

  test("settings", async () => {
    const { ref } = await world.projects.create({ ref: uniqueRef() });
    await other.record(ref);
    await world.projects.update(ref, { settings: { a: 1 } });
    await eventually(async () => expect((await other.record(ref)).project.settings).toEqual({ a: 1 }));
  });

  test("a new ref, also for who knows it by an old one", async () => {
    const { ref } = await world.projects.create({ ref: uniqueRef() });
    const [second, third] = [uniqueRef(), uniqueRef()];
    await other.record(ref);
    await world.projects.rename(ref, second);
    await eventually(async () => expect((await other.record(ref)).project.ref).toBe(second));
    expect((await other.record(ref)).aliases).toEqual([ref]);
    told.length = 0;
    await world.projects.rename(second, third);
    await eventually(async () => expect(await Promise.all([ref, second, third].map(async (each) => (await other.record(each)).project.ref))).toEqual([third, third, third]));
    await eventually(async () => expect(told).toEqual(expect.arrayContaining([ref, second, third])));
  });

  test("a deletion, and that there is a new project of the ref", async () => {
    const { ref, jwtSecret } = await world.projects.create({ ref: uniqueRef() });
    await other.record(ref);
    await world.projects.delete(ref);
    await eventually(async () => expect(other.record(ref)).rejects.toMatchObject(absent));
    await world.projects.create({ ref });
    const record = await eventually(() => other.record(ref));
    expect(record.jwtSecret).not.toBe(jwtSecret);
  });

  test("that there is none is known for a while as well, and no longer than that", async () => {
    const ref = uniqueRef();
    await expect(other.record(ref)).rejects.toMatchObject(absent);
    await query(world.adminUrl, "alter table plinth.projects rename to hidden");
    // Nobody was asked.
    await expect(other.record(ref)).rejects.toMatchObject(absent);
    await query(world.adminUrl, "alter table plinth.hidden rename to projects");
    await world.projects.create({ ref });
    await eventually(() => other.record(ref));
  });
});

test("the process that made the change is told once", async () => {
  await listeners(1);
  const own: string[] = [];
  const { ref } = await world.projects.create({ ref: uniqueRef() });
  await world.projects.record(ref);
  await listeners(2);
  world.projects.onChange((changed) => void own.push(changed));
  await world.projects.update(ref, { name: "Once" });
  await eventually(async () => expect(told).toContain(ref));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(own).toEqual([ref]);
});

test("what was missed while the connection was away is made up for, and nothing else is disturbed", async () => {
  const [changed, same] = [uniqueRef(), uniqueRef()];
  for (const ref of [changed, same]) await world.projects.create({ ref });
  // Notices come in order: once this one has, none of the creations is still to come and to make it forget.
  const { ref: last } = await world.projects.create({ ref: uniqueRef() });
  await world.projects.update(last, { name: "Last" });
  await eventually(async () => expect((await other.record(last)).project.name).toBe("Last"), 5_000);
  await world.projects.pause(last);
  await eventually(async () => expect((await other.record(last)).project.status).toBe("paused"), 5_000);
  for (const ref of [changed, same]) await other.record(ref);
  const pids = await listeners(2);
  told.length = 0;
  // As if it had been said while nobody listened.
  await query(world.adminUrl, "update plinth.projects set name = 'Unheard' where ref = $1", [changed]);
  await query(world.adminUrl, `select pg_terminate_backend(pid) from unnest($1::int[]) pid`, [pids]);
  await eventually(async () => expect(told).toContain(changed), 3_000);
  await listeners(2);
  expect(told).not.toContain(same);
  expect((await other.record(changed)).project.name).toBe("Unheard");
  await world.projects.pause(same);
  await eventually(async () => expect((await other.record(same)).project.status).toBe("paused"));
});

test("a process that can't listen looks again after a second", async () => {
  const { ref } = await world.projects.create({ ref: uniqueRef() });
  const keyRing = await createKeyRing({ masterKey: MASTER_KEY });
  const metadata = await openMetadata({ config: { connectionString: world.adminUrl } }, keyRing);
  const shared = { connectionString: "postgres://nobody@127.0.0.1:1/nowhere" };
  const deaf = createProjects({ metadata: { ...metadata, shared }, keyRing, host: new NativeHost({ adminUrl: world.adminUrl }) });
  try {
    const before = await deaf.record(ref);
    await world.projects.update(ref, { name: "Seen" });
    expect(await deaf.record(ref)).toBe(before);
    await eventually(async () => expect((await deaf.record(ref)).project.name).toBe("Seen"), 2_000);
  } finally {
    await deaf.close();
  }
});
