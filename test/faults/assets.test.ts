import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { BackendError, type ObjectStore, STORE_ERRORS } from "@plinth/core";
import { MemoryStore } from "@plinth/storage";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { type BackendTenant, createBackend } from "plinth";
import { afterAll, beforeAll, expect, test } from "vitest";
import { projectFolder } from "../../packages/plinth/test/cli/support/project-folder.ts";
import { startDev } from "../../packages/plinth/test/cli/support/run-plinth.ts";
import { openNativeOrEmbedded } from "../scenarios/support/open-backend.ts";
import { tarOf } from "../scenarios/support/tar-of.ts";
import { seeded } from "../support/seeded.ts";

/** Starting is what costs. */
const ROUNDS = process.env["PLINTH_TEST_LONG"] ? 20 : 1;
const SEED = Number(process.env["PLINTH_TEST_SEED"] ?? 6);
const FILES = 12;

/** A site whose every file says which release it is of; some are the same in all. */
const siteOf = (release: string): Record<string, string> =>
  Object.fromEntries([["index.html", release], ["same.txt", "same ".repeat(500)], ...Array.from({ length: FILES }, (_, index) => [`${index}.txt`, `${release} ${index} `.repeat(200)] as const)]);

test(`kill -9 amid publications and switches (rounds: ${ROUNDS}) leaves one release, whole`, { timeout: 60_000 + ROUNDS * 30_000 }, async () => {
  const cwd = projectFolder();
  const random = seeded(SEED);
  let [acknowledged, last] = ["", ""];
  const check = async (read: (path: string) => Promise<Response>): Promise<void> => {
    if (acknowledged === "") return;
    const served = await (await read("index.html")).text();
    expect([acknowledged, last]).toContain(served);
    for (const [name, content] of Object.entries(siteOf(served))) {
      const response = await read(name);
      expect([response.status, await response.text()], name).toEqual([200, content]);
    }
    acknowledged = served;
  };
  for (let round = 0; round < ROUNDS; round++) {
    const dev = await startDev([], { cwd });
    const { url, serviceRoleKey } = dev.announced;
    await check((name) => fetch(`${url}/assets/v1/default/${name}`));
    const publishing = (async () => {
      for (let index = 0; ; index++) {
        last = `release ${round}.${index}`;
        const body = gzipSync(tarOf(Object.entries(siteOf(last)).map(([name, content]) => ({ name, content }))));
        const response = await fetch(`${url}/assets/admin/v1/releases`, { method: "POST", headers: { apikey: serviceRoleKey, "content-type": "application/gzip" }, body }).catch(() => undefined);
        const answer = await response?.text().catch(() => undefined);
        if (response === undefined || answer === undefined) return;
        if (response.status !== 201) throw new Error(answer);
        acknowledged = last;
      }
    })();
    const deadline = Date.now() + 20_000;
    while (!acknowledged.startsWith(`release ${round}.`) && Date.now() < deadline) await delay(5);
    await delay(600 * random());
    await dev.stop("SIGKILL");
    await publishing;
  }
  const backend = await createBackend({ dataDirectory: path.join(cwd, ".plinth"), databaseUrl: false });
  try {
    const read = (name: string) => backend.fetch(`http://backend/assets/v1/default/${name}`);
    await check(read);
    // What was half there is in nobody's way, also not where the same comes again.
    const { assets } = await backend.tenant();
    acknowledged = last;
    await assets.publish({ files: Object.entries(siteOf(last)).map(([name, content]) => ({ path: name, content })) });
    await check(read);
  } finally {
    await backend.close();
  }
});

/** Fails as S3 may: what it was putting is gone, what was there before as well. */
class FailingStore {
  readonly memory = new MemoryStore();
  readonly failing = new Map<keyof ObjectStore, () => boolean>();
  /** Keys whose bytes are said to be days old. */
  old = /^$/;
  /** Uploads are said to have been begun so long ago. */
  ageMs = 0;
  readonly store: ObjectStore = new Proxy<ObjectStore>(this.memory, {
    get: (memory, name: keyof ObjectStore) => {
      const value = memory[name];
      if (typeof value !== "function") return value;
      if (name === "listUploads") return (prefix: string) => this.#aged(prefix);
      if (name === "list") return (prefix: string) => this.#list(prefix);
      return async (...given: unknown[]) => {
        if (this.failing.get(name)?.()) {
          await delay(30);
          if (name === "put") await memory.delete([given[0] as string]);
          throw new BackendError(STORE_ERRORS.unavailable);
        }
        return await (value as (...given: unknown[]) => unknown).apply(memory, given);
      };
    },
  });

  async *#list(prefix: string): ReturnType<ObjectStore["list"]> {
    for await (const each of this.memory.list(prefix)) yield { ...each, lastModified: new Date(Date.now() - (this.old.test(each.key) ? 3 * 86_400_000 : 0)) };
  }

  async *#aged(prefix: string): ReturnType<ObjectStore["listUploads"]> {
    for await (const upload of this.memory.listUploads(prefix)) yield { ...upload, begunAt: new Date(Date.now() - this.ageMs) };
  }
}

describeDatabases("a site whose store fails", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  let tenant: BackendTenant;
  const failing = new FailingStore();
  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases, { project: { ref: "acme" }, storage: { store: failing.store }, assets: { keptReleases: 0 } }));
    tenant = await backend.tenant();
  });
  afterAll(() => close());

  const publish = (files: Readonly<Record<string, string>>) => tenant.assets.publish({ files: Object.entries(files).map(([name, content]) => ({ path: name, content })) });
  const read = async (name: string): Promise<[number, string]> => backend.fetch(`http://backend/assets/v1/acme/${name}`).then(async (response) => [response.status, await response.text()]);
  /** Keys of the store that belong to nobody, and rows that have no bytes. */
  const unequal = async (): Promise<unknown> => {
    const { uid } = await backend.projects.get("acme");
    const keys: string[] = [];
    for await (const { key } of failing.memory.list(`${uid}/assets`)) keys.push(key.slice(`${uid}/assets/`.length));
    const rows = await backend.sql<{ name: string }>(`select b.hash || '-' || b.stored_by || e.suffix as name from assets.blobs b, (values (''), ('-br'), ('-gzip')) e (suffix)
      where b.stored and case e.suffix when '-br' then b.brotli_size is not null when '-gzip' then b.gzip_size is not null else true end`);
    const named = rows.map(({ name }) => name);
    return { unknown: keys.filter((key) => !named.includes(key)), missing: named.filter((name) => !keys.includes(name)) };
  };

  test("is as before where a publication fails, and takes nothing from another that has the same files", async () => {
    expect(await publish({ "index.html": "before" })).toMatchObject({ files: 1 });
    const shared = "the same in both ".repeat(100);
    // The first to put the shared file fails at it, after the second has put it and is served.
    let left = 1;
    failing.failing.set("put", () => left-- > 0);
    const outcomes = await Promise.allSettled([publish({ "index.html": "one", "shared.css": shared }), publish({ "index.html": "two", "shared.css": shared })]);
    failing.failing.clear();
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const winner = outcomes[0]?.status === "fulfilled" ? "one" : "two";
    expect([await read("index.html"), await read("shared.css")]).toEqual([[200, winner], [200, shared]]);
    expect(await unequal()).toEqual({ unknown: [], missing: [] });
  });

  test("has no row that says there are bytes where deleting broke off, however often it does", async () => {
    await publish({ "index.html": "x", "comes-again.txt": "again" });
    failing.failing.set("delete", () => true);
    await publish({ "index.html": "y" });
    failing.failing.clear();
    await publish({ "index.html": "z", "comes-again.txt": "again" });
    expect(await read("comes-again.txt")).toEqual([200, "again"]);
    expect(await unequal()).toEqual({ unknown: [], missing: [] });
  });

  test("drops what a publication that was killed has left, an hour later", async () => {
    const { uid } = await backend.projects.get("acme");
    // As it is left: a release that nobody sees, files whose bytes are there, are half there, and are another's too.
    await backend.sql("insert into assets.releases (label, created_at) values ('killed', now() - interval '61 minutes')");
    await backend.sql("insert into assets.blobs (hash, size) values ('k1', 1), ('k2', 1)");
    await backend.sql("insert into assets.files (release_id, path, hash) select r.id, b.hash, b.hash from assets.releases r, assets.blobs b where r.label = 'killed'");
    const [{ id }] = (await backend.sql<{ id: string }>("select id::text from assets.releases where label = 'killed'")) as [{ id: string }];
    await backend.sql("update assets.blobs set stored = true, stored_by = (select id from assets.releases where label = 'killed') where hash = 'k1'");
    for (const name of [`k1-${id}`, `k2-${id}-br`]) await failing.memory.put(`${uid}/assets/${name}`, Buffer.from("x"));
    await publish({ "index.html": "after" });
    expect([await backend.sql("select 1 from assets.releases where label = 'killed'"), await backend.sql("select 1 from assets.trash"), await unequal()]).toEqual([[], [], { unknown: [], missing: [] }]);
    expect(await read("index.html")).toEqual([200, "after"]);
  });

  test("is swept of it, and of bytes that no row knows of, without another publication", async () => {
    const { uid } = await backend.projects.get("acme");
    const [{ id }] = (await backend.sql<{ id: string }>("insert into assets.releases (created_at) values (now() - interval '61 minutes') returning id::text")) as [{ id: string }];
    await backend.sql("insert into assets.blobs (hash, size) values ('k3', 1)");
    await backend.sql(`insert into assets.files (release_id, path, hash) values (${id}, 'k3', 'k3')`);
    for (const name of [`k3-${id}`, "old-1", "old-1-gzip", "young-1"]) await failing.memory.put(`${uid}/assets/${name}`, Buffer.from("x"));
    failing.old = /\/old-/;
    expect(await backend.sweepStorage({ ref: "acme", dryRun: true })).toMatchObject({ projects: [{ report: { dryRun: true } }] });
    expect(await unequal()).toMatchObject({ unknown: expect.arrayContaining(["old-1"]) });
    expect(await backend.sweepStorage({ ref: "acme" })).toMatchObject({ projects: [{ report: { bytesWithoutRow: { count: 0 } } }] });
    expect([await unequal(), await read("index.html")]).toEqual([{ unknown: ["young-1"], missing: [] }, [200, "after"]]);
    await failing.memory.delete([`${uid}/assets/young-1`]);
  });

  test("keeps an upload in parts that is under way from Storage's sweep, and leaves it one that isn't", async () => {
    const { uid } = await backend.projects.get("acme");
    await failing.memory.beginUpload(`${uid}/assets/large`);
    failing.ageMs = 50 * 60_000;
    expect(await tenant.storage.sweep({ grace: 0 })).toMatchObject({ abortedUploads: 0 });
    failing.ageMs = 70 * 60_000;
    expect(await tenant.storage.sweep({ grace: 0 })).toMatchObject({ abortedUploads: 1, bytesWithoutRow: { count: 0 } });
    expect(await read("index.html")).toEqual([200, "after"]);
  });
});
