import type { MetadataTables } from "../../src/metadata/metadata-tables.ts";
import { createKeyRing, HostProjects, openMetadata } from "@plinth/core";
import { describeDatabases } from "@plinth/testing/vitest";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

const REGISTERED = 10_000;

describeDatabases("hosts", (databases) => {
  const statements: string[] = [];
  let db: Kysely<MetadataTables>;
  let hosts: HostProjects;

  beforeAll(async () => {
    const { config } = await databases.create();
    const keyRing = await createKeyRing({ masterKey: "m".repeat(32) });
    const metadata = await openMetadata({ config }, keyRing);
    await metadata.close();
    db = new Kysely<MetadataTables>({ dialect: new PostgresDialect({ pool: new pg.Pool({ ...config, max: 4 }) }), log: ({ query }) => void statements.push(query.sql) });
    const sealed = keyRing.seal("nothing", { ref: "acme", purpose: "credentials" });
    await sql`
      insert into plinth.projects (ref, uid, name, status, host, cluster, database_name, adopted, credentials, jwt_secret, roles, settings, created_at, updated_at)
      select ref, gen_random_uuid(), ref, 'active', 'embedded', 'embedded', ref, false, ${sealed}, ${sealed}, '{}', '{}', now(), now() from unnest(array['acme', 'beta']) ref`.execute(db);
    await sql`insert into plinth.domains (domain, project_uid) select 'd' || n || '.example', uid from plinth.projects, generate_series(1, ${sql.lit(REGISTERED)}) n where ref = 'acme'`.execute(db);
  });
  afterAll(() => db.destroy());
  beforeEach(() => {
    hosts = new HostProjects({ db, base: "api.test" });
    statements.length = 0;
  });

  const refOf = async (host: string): Promise<string | undefined> => {
    const name = hosts.nameOf(`http://${host}/rest/v1/things`);
    return name && hosts.refOf(name);
  };

  test("a flood of made-up hosts costs a few statements, and doesn't push out what is known", async () => {
    expect(await refOf("d1.example")).toBe("acme");
    statements.length = 0;
    const found = await Promise.all(Array.from({ length: 2_000 }, (_, index) => refOf(index % 2 ? `x${index}.evil.example` : `x${index}.api.test`)));
    expect(new Set(found)).toEqual(new Set([undefined]));
    expect(statements.length).toBeLessThanOrEqual(10);
    statements.length = 0;
    await Promise.all(Array.from({ length: 2_000 }, (_, index) => refOf(index % 2 ? `x${index}.evil.example` : `x${index}.api.test`)));
    expect(await refOf("d1.example")).toBe("acme");
    expect(statements).toEqual([]);
  });

  test("so many that nobody could answer are refused", async () => {
    await refOf("d1.example");
    const outcomes = await Promise.allSettled(Array.from({ length: 5_000 }, (_, index) => refOf(`y${index}.example`)));
    const refused = outcomes.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
    expect(refused.length).toBeGreaterThan(0);
    expect(new Set(refused.map(({ reason }) => (reason as { code: string }).code))).toEqual(new Set(["PLINTH_TOO_BUSY"]));
    expect(await refOf("d2.example")).toBe("acme");
  });

  test("however many domains there are, those that nobody asks for are not read", async () => {
    await hosts.prepare();
    expect(statements).toHaveLength(1);
    expect(await Promise.all(["d3.example", "d9999.example", "d10001.example", "beta.api.test", "nobody.api.test"].map(refOf))).toEqual(["acme", "acme", undefined, "beta", undefined]);
    expect(statements).toHaveLength(2);
  });

  test("what has changed is asked for again, also where the answer was under way", async () => {
    expect(await refOf("later.example")).toBeUndefined();
    await sql`insert into plinth.domains (domain, project_uid) select 'later.example', uid from plinth.projects where ref = 'beta'`.execute(db);
    expect(await refOf("later.example")).toBeUndefined();
    hosts.forget("beta");
    await hosts.prepare();
    const underWay = refOf("later.example");
    hosts.forget("beta");
    await underWay;
    await sql`update plinth.domains set project_uid = (select uid from plinth.projects where ref = 'acme') where domain = 'later.example'`.execute(db);
    expect(await refOf("later.example")).toBe("acme");
    await sql`delete from plinth.domains where domain = 'later.example'`.execute(db);
    expect(await refOf("later.example")).toBe("acme");
    hosts.forget(undefined);
    expect(await refOf("later.example")).toBeUndefined();
  });

  test("changes that go unheard are seen when their time is up", async () => {
    hosts = new HostProjects({ db, refreshAfterMs: () => 100 });
    expect(await refOf("silent.example")).toBeUndefined();
    await sql`insert into plinth.domains (domain, project_uid) select 'silent.example', uid from plinth.projects where ref = 'beta'`.execute(db);
    await expect.poll(() => refOf("silent.example"), { timeout: 2_000, interval: 50 }).toBe("beta");
    await sql`delete from plinth.domains where domain = 'silent.example'`.execute(db);
    await expect.poll(() => refOf("silent.example"), { timeout: 2_000, interval: 50 }).toBeUndefined();
  });
});
