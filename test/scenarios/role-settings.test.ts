import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openNativeOrEmbedded } from "./support/open-backend.ts";

const FUNCTIONS = `
  create function setting(name text) returns text language sql stable as 'select current_setting(name, true)';
  create function nap(ms int) returns int language plpgsql as 'begin perform pg_sleep(ms / 1000.0); return ms; end';
  create function long_nap(ms int) returns int language plpgsql set statement_timeout = '20s' set default_transaction_isolation = 'serializable'
    as 'begin perform pg_sleep(ms / 1000.0); return ms; end';
  create function level_of_long_nap() returns text language plpgsql set default_transaction_isolation = 'serializable' as $$ begin return current_setting('transaction_isolation'); end $$;`;

/** Undoes what keeps a further project from looking about its server. */
const READABLE = "grant select on pg_roles, pg_db_role_setting, pg_database to public";

describeDatabases("settings of roles", (databases) => {
  // Roles are a whole server's, which other tests use at the same time.
  const anon = `anon_${Math.random().toString(36).slice(2)}`;
  let backend: TestBackend;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases, { onError: () => undefined, project: { roles: { anon } }, sql: FUNCTIONS }));
  });
  afterAll(() => close());

  const call = async (name: string, parameters: object, who: "anon" | "service" = "anon"): Promise<unknown> => {
    const response = await backend.fetch(`http://backend/rest/v1/rpc/${name}`, { method: "POST", headers: { ...backend.headersFor(who), "content-type": "application/json" }, body: JSON.stringify(parameters) });
    return response.json();
  };
  const setting = (name: string, who?: "anon" | "service") => call("setting", { name }, who);

  /** ALTER ROLE tells nobody. */
  async function alter(sql: string): Promise<void> {
    await backend.sql(`${sql}; notify pgrst`);
  }

  async function databaseName(ref?: string): Promise<string> {
    const [row] = await backend.sql<{ name: string }>("select current_database() as name", ref);
    return row!.name;
  }

  test("apply to requests that switch to the role, as of the next reload", async () => {
    expect(await setting("work_mem")).not.toBe("7MB");
    await alter(`alter role ${anon} set work_mem = '7MB'`);
    await expect.poll(() => setting("work_mem"), { timeout: 5_000 }).toBe("7MB");
    expect(await setting("work_mem", "service")).not.toBe("7MB");
    await alter(`alter role ${anon} reset work_mem`);
    await expect.poll(() => setting("work_mem"), { timeout: 5_000 }).not.toBe("7MB");
  });

  test("for one database go before those for the server", async () => {
    const name = await databaseName();
    await alter(`alter role ${anon} set work_mem = '7MB'; alter role ${anon} in database "${name}" set work_mem = '9MB'`);
    await expect.poll(() => setting("work_mem"), { timeout: 5_000 }).toBe("9MB");
    await alter(`alter role ${anon} reset work_mem; alter role ${anon} in database "${name}" reset work_mem`);
  });

  test("that only a superuser may make are left out", async () => {
    await alter(`alter role ${anon} set log_min_messages = 'panic'; alter role ${anon} set work_mem = '6MB'`);
    await expect.poll(() => setting("work_mem"), { timeout: 5_000 }).toBe("6MB");
    expect(await setting("log_min_messages")).not.toBe("panic");
  });

  test("say at which isolation level the role's transactions run, where the function doesn't", async () => {
    await alter(`alter role ${anon} set default_transaction_isolation = 'repeatable read'`);
    await expect.poll(() => setting("transaction_isolation"), { timeout: 5_000 }).toBe("repeatable read");
    expect(await call("level_of_long_nap", {})).toBe("serializable");
    expect(await setting("transaction_isolation", "service")).toBe("read committed");
    await alter(`alter role ${anon} reset default_transaction_isolation`);
  });

  test("say how long a statement may run, where the function doesn't", async () => {
    await alter(`alter role ${anon} set statement_timeout = '0.3s'`);
    await expect.poll(() => setting("statement_timeout"), { timeout: 5_000 }).toBe("300ms");
    const began = performance.now();
    expect(await call("nap", { ms: 10_000 })).toMatchObject({ code: "57014" });
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(await call("long_nap", { ms: 500 })).toBe(500);
    expect(await call("nap", { ms: 500 }, "service")).toBe(500);
    await alter(`alter role ${anon} reset statement_timeout`);
  });

  test("of another project: those that it is configured with, and none that somebody gave a role of all projects", async () => {
    const roleSettings = { anon: { work_mem: "4MB", default_transaction_isolation: "serializable", statement_timeout: "20s" } };
    const { anonKey: apikey } = await backend.projects.create({ ref: "other", roles: { anon: "anon" }, settings: { rest: { roleSettings }, limits: { statementTimeoutMs: 400 } } });
    const inDatabase = `alter role anon in database "${await databaseName("other")}"`;
    await backend.sql(`${FUNCTIONS}; ${inDatabase} set work_mem = '11MB'; ${inDatabase} set temp_buffers = '11MB'; ${READABLE}`, "other");
    const ask = async (path: string) => (await backend.fetch(`http://backend/rest/v1/rpc/${path}`, { headers: { apikey } })).json();
    expect(await ask("setting?name=work_mem")).toBe("4MB");
    expect(await ask("setting?name=transaction_isolation")).toBe("serializable");
    const temporary = await ask("setting?name=temp_buffers");
    // Embedded, a project has its roles to itself.
    if (databases.kind === "native") expect(temporary).not.toBe("11MB");
    else expect(temporary).toBe("11MB");
    await backend.projects.update("other", { settings: { rest: { roleSettings, roleSettingsFromDatabase: "always" }, limits: { statementTimeoutMs: 400 } } });
    expect(await ask("setting?name=temp_buffers")).toBe("11MB");
    expect(await ask("setting?name=work_mem")).toBe("4MB");
    // Neither the role's time nor the function's is longer than the project's.
    expect(await ask("setting?name=statement_timeout")).toBe("400ms");
    expect(await ask("long_nap?ms=5000")).toMatchObject({ code: "57014" });
  });
});
