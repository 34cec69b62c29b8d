import { createTestBackend, type TestBackendOptions, urlOf } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { expect, test } from "vitest";

// Compiling a statement takes longer than running it, and neither a time-out nor a cancellation ends that.

const SCHEMA = `
  create table lists (id int primary key);
  create table todos (id int primary key, list_id int references lists);
  insert into lists values (1); insert into todos values (1, 1);
  create function jit() returns text language sql stable as $$ select current_setting('jit') $$;`;

const EMBEDS = Array.from({ length: 200 }, (_, i) => `l${i}:lists(id)`).join(",");

describeDatabases("requests without JIT", (databases) => {
  async function answerOf(path: string, options: TestBackendOptions, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
    await using backend = await createTestBackend({ sql: SCHEMA, ...options });
    return (await backend.fetch(`http://backend/rest/v1/${path}`, { headers: { ...backend.headersFor("anon"), ...headers } })).json();
  }
  const url = async (): Promise<string | false> => (databases.kind === "native" ? urlOf(await databases.create()) : false);

  test("many embeds are answered at once", async () => {
    const [row] = (await answerOf(`todos?select=${EMBEDS}`, { databaseUrl: await url(), statementTimeoutMs: 15_000 })) as unknown[];
    expect(Object.keys(row as object)).toHaveLength(200);
  });

  if (databases.kind === "embedded") return;

  test.each([["on connections of its own", true], ["on a pooler's", false]])("nothing is compiled %s", async (_where, preparedStatements) => {
    expect(await answerOf("rpc/jit", { databaseUrl: await url(), pool: { preparedStatements } })).toBe("off");
  });

  test("a plan's settings don't list it: they are PostgreSQL's own", async () => {
    const accept = 'application/vnd.pgrst.plan+json; for="application/json"; options=settings';
    const [plan] = (await answerOf("todos?select=id", { databaseUrl: await url(), rest: { planEnabled: true } }, { accept })) as Array<{ Settings?: object }>;
    expect(plan).toHaveProperty("Plan");
    expect(plan?.Settings).not.toHaveProperty("jit");
  });

  test("but where an adopted database's URL says so", async () => {
    const adopted = `${await url()}?options=-c%20jit%3Don`;
    expect(await answerOf("rpc/jit", { project: { databaseUrl: adopted } })).toBe("on");
  });
});
