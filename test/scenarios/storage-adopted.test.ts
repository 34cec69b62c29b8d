import { MemoryStore } from "@plinth/storage";
import type { TestBackend, TestDatabase } from "@plinth/testing";
import { createTestBackend, nativeDatabases, urlOf } from "@plinth/testing";
import pg from "pg";
import { signToken } from "plinth";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";

const server = inject("nativePostgresUrl");
const SECRET = "the secret that the database's users have always had";
const ANN = "11111111-1111-4111-8111-111111111111";

// Its tables are there, as Supabase's would be; of what Plinth's own set-up adds to them, nothing.
describe.skipIf(server === undefined)("files of an adopted database (native)", () => {
  const store = new MemoryStore();
  let theirs: TestDatabase;
  let home: TestDatabase;
  let backend: TestBackend;
  let login: string;
  let anonKey: string;

  beforeAll(async () => {
    const databases = nativeDatabases(server ?? "");
    [theirs, home] = await Promise.all([databases.create(), databases.create()]);
    const before = await createTestBackend({ databaseUrl: urlOf(theirs) });
    await before.close();
    login = `adopted_${theirs.config.database?.slice(-8)}`;
    await asOwner(`
      drop trigger plinth_archive_update on storage.objects; drop trigger plinth_archive_delete on storage.objects; drop trigger plinth_notify_buckets on storage.buckets;
      insert into storage.buckets (id, name) values ('own', 'own');
      create policy own_folder on storage.objects for all to authenticated using ((storage.foldername(name))[1] = auth.uid()::text) with check ((storage.foldername(name))[1] = auth.uid()::text);
      create role ${login} login noinherit password 'adopted'; grant anon, authenticated, service_role to ${login};
      grant connect on database ${theirs.config.database} to ${login};`);
    backend = await createTestBackend({ databaseUrl: urlOf(home), storage: { store } });
    const url = Object.assign(new URL(urlOf(theirs)), { username: login, password: "adopted" });
    ({ anonKey } = await backend.projects.create({ ref: "adopted", databaseUrl: url.href, jwtSecret: SECRET }));
  });
  afterAll(async () => {
    await backend.projects.delete("adopted");
    await backend.close();
    await asOwner(`drop owned by ${login}; drop role ${login}`);
    await theirs.drop();
    await home.drop();
  });

  async function asOwner(sql: string): Promise<pg.QueryResult> {
    const client = new pg.Client({ ...theirs.config });
    await client.connect();
    try {
      return await client.query(sql);
    } finally {
      await client.end();
    }
  }

  const ask = (method: string, name: string, body?: string, headers: Readonly<Record<string, string>> = {}) =>
    backend.fetch(`http://backend/storage/v1/object/own/${name}`, { method, headers: { apikey: anonKey, authorization: `Bearer ${signToken({ role: "authenticated", sub: ANN }, SECRET)}`, ...headers }, ...(body === undefined ? {} : { body }) });
  const kept = async (): Promise<number> => {
    let count = 0;
    for await (const _ of store.list((await backend.projects.get("adopted")).uid)) count++;
    return count;
  };

  test("are written, replaced and read under its policies, and what is replaced is thrown away", async () => {
    const name = `${ANN}/note`;
    const first = (await (await ask("POST", name, "one")).json()) as { Id: string };
    expect((await ask("POST", name, "two")).status).toBe(400);
    const again = await Promise.all(["three", "four", "five"].map((text) => ask("POST", name, text, { "x-upsert": "true" })));
    expect(await Promise.all(again.map(async (answer) => [answer.status, ((await answer.json()) as { Id: string }).Id]))).toEqual(again.map(() => [200, first.Id]));
    expect(["three", "four", "five"]).toContain(await (await ask("GET", name)).text());
    expect((await asOwner("select count(*)::int as count from storage.objects")).rows).toEqual([{ count: 1 }]);
    await expect.poll(kept).toBe(1);
    expect((await ask("POST", "22222222-2222-4222-8222-222222222222/theirs", "x", { "x-upsert": "true" })).status).toBe(400);
    expect((await ask("DELETE", name)).status).toBe(200);
    await expect.poll(kept).toBe(0);
  });
});
