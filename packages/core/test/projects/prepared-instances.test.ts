import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { EmbeddedInstances } from "@plinth/core";

/** Instances whose databases are marker files, to see which are made, kept and closed. */
function createInstances(kept: boolean) {
  const parent = mkdtempSync(join(tmpdir(), "plinth-prepared-"));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const events: string[] = [];
  const instances = new EmbeddedInstances({
    directory: kept ? parent : undefined,
    idleMs: 20,
    open: async (directory) => {
      if (directory?.endsWith("locked")) throw new Error("locked");
      if (directory !== undefined) mkdirSync(directory, { recursive: true });
      events.push("open");
      return { clientConfig: {}, cancel: () => undefined, close: async () => void events.push("close") };
    },
  });
  return { parent, events, instances };
}

for (const kept of [true, false]) {
  test(`a prepared database is the one that is then made and used (${kept ? "on disk" : "in memory"})`, async () => {
    const { events, instances } = createInstances(kept);
    const prepared = instances.prepare("a");
    await instances.renew("a");
    const lease = await instances.acquire("a");
    await (await prepared)?.release();
    expect(events).toEqual(["open"]);
    await lease.release();
    await instances.close();
    expect(events).toEqual(["open", "close"]);
  });

  test(`one that was in use is not taken for new (${kept ? "on disk" : "in memory"})`, async () => {
    const { events, instances } = createInstances(kept);
    const prepared = await instances.prepare("a");
    await (await instances.acquire("a")).release();
    await instances.renew("a");
    await instances.acquire("a");
    expect(events).toEqual(["open", "close", "open"]);
    await prepared?.release();
    await instances.close();
  });
}

test("one that was there before is not taken for new", async () => {
  const { parent, instances } = createInstances(true);
  mkdirSync(join(parent, "a"));
  writeFileSync(join(parent, "a", "rows"), "");
  const prepared = await instances.prepare("a");
  await instances.renew("a");
  expect(existsSync(join(parent, "a", "rows"))).toBe(false);
  await prepared?.release();
});

test("one that can't be opened is told to whoever asks for it, and prepared ones that nobody wants are closed", async () => {
  const { events, instances } = createInstances(true);
  expect(await instances.prepare("locked")).toBeUndefined();
  await expect(instances.acquire("locked")).rejects.toThrow("locked");
  await (await instances.prepare("a"))?.release();
  await expect.poll(() => events).toEqual(["open", "close"]);
});

test("of many that are used one after another only the last ones are kept open", async () => {
  const parent = mkdtempSync(join(tmpdir(), "plinth-prepared-"));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const open = new Set<string>();
  const instances = new EmbeddedInstances({
    directory: parent,
    maxIdle: 2,
    open: async (directory = "") => {
      open.add(directory.slice(parent.length + 1));
      return { clientConfig: {}, cancel: () => undefined, close: async () => void open.delete(directory.slice(parent.length + 1)) };
    },
  });
  const held = await instances.acquire("held");
  for (const name of ["a", "b", "c", "d"]) await (await instances.acquire(name)).release();
  await (await instances.acquire("c")).release();
  await (await instances.acquire("e")).release();
  expect([...open].toSorted()).toEqual(["c", "e", "held"]);
  await held.release();
  expect([...open].toSorted()).toEqual(["e", "held"]);
  await instances.close();
  expect(open.size).toBe(0);
});
