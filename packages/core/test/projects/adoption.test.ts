import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { unlessDependedOn } from "../../../../test/support/unless-depended-on.ts";
import { databaseIn, type NativeWorld, openNativeWorld, query, uniqueRef } from "./support/native-world.ts";

const name = uniqueRef("adopted").replaceAll("-", "_");
const roles = { anon: `${name}_anon`, authenticated: `${name}_user`, service: `${name}_service` };

let world: NativeWorld;
let owner: string;
let login: string;

beforeAll(async () => {
  world = await openNativeWorld({ databaseSetup: ["create schema mail"] });
  await query(world.adminUrl, `create database ${name}`);
  await query(world.adminUrl, `create role ${name} login noinherit password 'p@ss/word'`);
  owner = databaseIn(world.adminUrl, name);
  login = Object.assign(new URL(owner), { username: name, password: "p@ss/word" }).href;
  await query(owner, "create table todos (id int primary key, task text); insert into todos values (1, 'stay')");
});

afterAll(async () => {
  await world.end();
  const server = inject("nativePostgresUrl") as string;
  await query(server, `drop database ${name} with (force)`);
  for (const role of [...Object.values(roles), name]) await unlessDependedOn(query(server, `drop role if exists ${role}`));
});

/** Every row of every table and catalog of the database with its place and the transaction that wrote it; and its roles. */
async function snapshot(): Promise<Record<string, unknown>> {
  const tables = await query<{ name: string }>(owner, "select oid::regclass::text as name from pg_class where relkind = 'r' and not relisshared order by 1");
  const sums = tables.map(({ name: table }) => `select '${table}' as name, md5(string_agg(t.ctid::text || t.xmin::text || t::text, ',' order by t.ctid)) as sum from ${table} t`);
  const around = await query(owner, "select (select json_agg(d) from pg_database d where datname = current_database()) as d, (select json_agg(m) from pg_auth_members m join pg_roles r on r.oid = m.member where rolname = $1) as m", [name]);
  return { rows: await query(owner, sums.join(" union all ")), around };
}

test("what is missing is named with the statement that puts it right, until nothing is", async () => {
  const ref = uniqueRef();
  const refused = async (url = login): Promise<string> => {
    const error = await world.projects.create({ ref, databaseUrl: url, roles }).then(() => undefined, (thrown: { code: string; message: string; hint: string }) => thrown);
    expect(error?.code).toBe("PLINTH_ADOPTION_REFUSED");
    expect(`${error?.message} ${error?.hint}`).not.toContain("p@ss");
    return `${error?.message} ${error?.hint}`;
  };
  expect(await refused(databaseIn(login, `${name}_gone`))).toContain("there is no such database");
  expect(await refused(Object.assign(new URL(login), { password: "wrong" }).href)).toContain("the password is wrong");
  for (const role of Object.values(roles)) {
    expect(await refused()).toContain(`CREATE ROLE "${role}" NOLOGIN NOINHERIT`);
    await query(world.adminUrl, `create role ${role}`);
    const told = await refused();
    expect(told).toContain(`The login "${name}" may not switch to the role "${role}".`);
    const grant = /GRANT .*;/.exec(told)?.[0];
    await query(world.adminUrl, grant as string);
  }
  expect((await world.projects.list()).projects.some((project) => project.ref === ref)).toBe(false);
  expect(await world.projects.create({ ref, databaseUrl: login, roles })).toMatchObject({ adopted: true, roles, status: "active", databaseUrl: login });
});

test("an adopted database is left as it is, in life and in death", async () => {
  const ref = uniqueRef();
  const before = await snapshot();
  const jwtSecret = "the secret that the database had all along";
  const made = await world.projects.create({ ref, databaseUrl: login, ownerUrl: owner, jwtSecret, roles });
  expect(made).toMatchObject({ adopted: true, jwtSecret, databaseUrl: login });
  expect((await world.projects.record(ref)).database).toMatchObject({ kind: "native", url: login });
  const ownerDatabase = await world.projects.ownerDatabase(ref);
  expect(await ownerDatabase.db.selectFrom("todos").selectAll().execute()).toEqual([{ id: 1, task: "stay" }]);
  await ownerDatabase.release();
  const again = { ref, databaseUrl: login, ownerUrl: owner, jwtSecret, roles };
  expect(await world.projects.ensureDefaultProject(again)).toEqual(made);
  await world.projects.delete(ref);
  expect(await snapshot()).toEqual(before);
  await expect(world.projects.get(ref)).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
});

test("where roles are named, the others need not be there", async () => {
  const made = await world.projects.create({ ref: uniqueRef(), databaseUrl: login, roles: { anon: roles.anon } });
  expect(made.roles).toEqual({ anon: roles.anon, authenticated: "authenticated", service: "service_role" });
  await expect(world.projects.create({ ref: uniqueRef(), databaseUrl: login, roles: { anon: roles.anon, service: "nobody_has_this" } })).rejects.toMatchObject({ code: "PLINTH_ADOPTION_REFUSED" });
  await expect(world.projects.create({ ref: uniqueRef(), databaseUrl: login, roles: { service: roles.service } })).rejects.toMatchObject({ code: "PLINTH_ADOPTION_REFUSED", hint: expect.stringContaining('"anon"') });
});

test("a server that is not there is said to be unavailable", async () => {
  await expect(world.projects.create({ ref: uniqueRef(), databaseUrl: "postgres://a:b@127.0.0.1:1/c" })).rejects.toMatchObject({ code: "PLINTH_DATABASE_UNAVAILABLE" });
});
