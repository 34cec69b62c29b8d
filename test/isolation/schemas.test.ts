import type { ProjectWithKeys } from "plinth";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openNativeOrEmbedded } from "../scenarios/support/open-backend.ts";

const UNEXPOSED = ["plinth", "auth", "pg_catalog", "information_schema", "extensions", "pg_toast", "pg_temp", "public, plinth", '"plinth"', ""];

describeDatabases("schemas", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  const projects: Record<string, ProjectWithKeys> = {};
  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases));
    for (const ref of ["a", "b"]) projects[ref] = await backend.projects.create({ ref });
    await backend.sql("create table public.zebra_ledger (id int, zebra_balance int); create function public.zebra_sum(zebra_id int) returns int language sql as 'select 1'; create table public.shared (id int, name text)", "a");
    await backend.sql("create table public.shared (id int)", "b");
  });
  afterAll(() => close());

  async function ask(ref: string, path: string, init: RequestInit = {}) {
    const key = projects[ref]?.serviceRoleKey ?? "";
    const response = await backend.fetch(`http://backend/rest/v1/${path}`, { ...init, headers: { apikey: key, ...init.headers } });
    return { status: response.status, text: await response.text(), headers: [...response.headers].flat().join("\n") };
  }

  test.each(UNEXPOSED)("the schema %o can't be asked for", async (schema) => {
    const profiles: RequestInit[] = [
      { headers: { "accept-profile": schema } },
      { method: "POST", headers: { "content-profile": schema, "content-type": "application/json" }, body: "{}" },
      { method: "DELETE", headers: { "content-profile": schema } },
    ];
    for (const init of profiles) {
      for (const path of ["projects", "pg_authid", "migrations", "rpc/set_config"]) {
        const { status, text } = await ask("a", path, init);
        expect([404, 405, 406], `${path}: ${text}`).toContain(status);
        expect(text).not.toMatch(/rolname|jwt_secret|checksum"/);
      }
    }
  });

  test.each(["plinth.projects", "pg_catalog.pg_authid", "pg_authid", "pg_roles", "pg_settings", "information_schema.tables", '"plinth"."projects"'])("the table %s is none", async (table) => {
    const { status, text } = await ask("a", encodeURIComponent(table));
    expect({ status, code: (JSON.parse(text) as { code: string }).code }).toEqual({ status: 404, code: "PGRST205" });
  });

  test.each(["set_config", "pg_read_file", "pg_sleep", "pg_terminate_backend", "current_setting", "pg_notify", "query_to_xml", "lo_import", "dblink"])("the function %s is none", async (name) => {
    const { status, text } = await ask("a", `rpc/${name}`, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" });
    expect({ status, code: (JSON.parse(text) as { code: string }).code }).toEqual({ status: 404, code: "PGRST202" });
  });

  test("a schema cache knows its own project's tables alone", async () => {
    // Fills a's cache first, with the words that b may not hear.
    expect((await ask("a", "zebra_ledgr")).text).toContain("zebra_ledger");
    expect((await ask("a", "rpc/zebra_summ", { method: "POST" })).text).toContain("zebra_sum");
    for (const path of ["zebra_ledgr", "zebra_ledger", "rpc/zebra_summ", "shared?select=id,zebra_ledger(*)", "shared?select=name", ""]) {
      const { text, headers } = await ask("b", path);
      expect(text.replaceAll(path.split("?")[0] ?? "", "").replaceAll("zebra_ledger(*)", "").replaceAll("'zebra_ledger'", "")).not.toMatch(/zebra_(balance|sum\b|id)|public\.zebra_ledger/);
      expect(headers).not.toContain("zebra_balance");
    }
    expect((await ask("b", "shared?select=name")).status).toBe(400);
    expect((await ask("a", "shared?select=name")).status).toBe(200);
  });

  test("statements prepared for one project are not another's", async () => {
    // The same text, made for tables of different columns.
    for (let i = 0; i < 3; i++) {
      expect((await ask("a", "shared?select=*")).status).toBe(200);
      expect((await ask("b", "shared?select=*")).status).toBe(200);
    }
    await backend.sql("insert into shared values (1, 'of a')", "a");
    await backend.sql("insert into shared values (2)", "b");
    expect((await ask("a", "shared")).text).toBe('[{"id":1,"name":"of a"}]');
    expect((await ask("b", "shared")).text).toBe('[{"id":2}]');
  });
});
