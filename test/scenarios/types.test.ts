import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openNativeOrEmbedded } from "./support/open-backend.ts";

/** A column's type, a value for it, and how that comes through HTTP and through Kysely. */
type Sample = readonly [type: string, value: string, json: string, kysely: string];

const SAMPLES: readonly Sample[] = [
  ["bool", "true", "boolean", "boolean"],
  ["int2", "1", "number", "number"],
  ["int8", "9007199254740993", "number", "string"],
  ["float8", "1.5", "number", "number"],
  ["numeric(10,2)", "1.5", "number", "string"],
  ["text", "'a'", "string", "string"],
  ["bpchar", "'a'", "string", "string"],
  ["uuid", "gen_random_uuid()", "string", "string"],
  ["date", "'2024-01-01'", "string", "Date"],
  ["time", "'10:00'", "string", "string"],
  ["timestamptz", "now()", "string", "Date"],
  ["interval", "'1 day'", "string", "Interval"],
  ["bytea", "'\\x00ff'", "string", "Buffer"],
  ["jsonb", `'{"a": [1]}'`, "Json", "Json"],
  ["int4range", "'[1,5)'", "string", "string"],
  ["int4multirange", "'{[1,5)}'", "string", "string"],
  ["inet", "'127.0.0.1'", "string", "string"],
  ["money", "'1.50'", "string", "string"],
  ["xml", "'<a/>'", "string", "string"],
  ["tsvector", "'a b'", "string", "string"],
  ["point", "'(1,2)'", "string", "Point"],
  ["circle", "'<(1,2),3>'", "string", "Circle"],
  ["oid", "1", "string", "number"],
  ["text[]", "'{a,b}'", "string[]", "string[]"],
  ["bool[]", "'{t,f}'", "boolean[]", "boolean[]"],
  ["int8[]", "'{1,2}'", "number[]", "string[]"],
  ["numeric[]", "'{1.5}'", "number[]", "number[]"],
  ["timestamptz[]", "'{2024-01-01}'", "string[]", "Date[]"],
  ["jsonb[]", `array['{"a": 1}'::jsonb]`, "Json[]", "Json[]"],
  ["bytea[]", `array['\\x00ff'::bytea]`, "string[]", "Buffer[]"],
  ["interval[]", "'{1 day}'", "string[]", "Interval[]"],
  ["int4range[]", `'{"[1,5)"}'`, "string[]", "string"],
  ["mood", "'sad'", '"sad" | "happy"', '"sad" | "happy"'],
  ["mood[]", "'{sad}'", '("sad" | "happy")[]', "string"],
  ["amount", "1.5", "number", "string"],
  ["amount[]", "'{1.5}'", "number[]", "string"],
  ["pair", "'(1,x)'", "{ a: number | null; b: string | null }", "string"],
];

const SCHEMA = `
  create schema hidden;
  create type hidden.mood as enum ('sad', 'happy');
  create domain hidden.amount as numeric(10, 2);
  create type hidden.pair as (a int, b text);
  set local search_path = public, hidden;
  create table public.samples (${SAMPLES.map(([type], index) => `c${index} ${type} not null`).join(", ")});
  insert into public.samples values (${SAMPLES.map(([, value]) => value).join(", ")});`;

/** What a value of a type is. */
const IS: Readonly<Record<string, (value: unknown) => boolean>> = {
  boolean: (value) => typeof value === "boolean",
  number: (value) => typeof value === "number",
  string: (value) => typeof value === "string",
  Date: (value) => value instanceof Date,
  Buffer: (value) => Buffer.isBuffer(value),
  Json: (value) => typeof value === "object" && value !== null && "a" in value,
  Interval: (value) => typeof (value as { toPostgres?: unknown }).toPostgres === "function",
  Point: (value) => (value as { x: number }).x === 1,
  Circle: (value) => (value as { radius: number }).radius === 3,
  '"sad" | "happy"': (value) => value === "sad",
  "{ a: number | null; b: string | null }": (value) => JSON.stringify(value) === '{"a":1,"b":"x"}',
};

function holds(type: string, value: unknown): boolean {
  const element = /^\(?(.+?)\)?\[\]$/.exec(type)?.[1];
  if (element !== undefined) return Array.isArray(value) && value.length > 0 && value.every((each) => holds(element, each));
  return IS[type]?.(value) === true;
}

describeDatabases("types", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases, { sql: SCHEMA }));
  });
  afterAll(() => close());

  test("of values over HTTP are what comes", async () => {
    const response = await backend.fetch("http://backend/rest/v1/samples", { headers: backend.headersFor("service") });
    const [row = {}] = (await response.json()) as Array<Record<string, unknown>>;
    const text = await backend.generateTypes();
    for (const [index, [type, , json]] of SAMPLES.entries()) {
      expect(text, type).toContain(`\n          c${index}: ${json}\n`);
      expect(holds(json, row[`c${index}`]), `${type}: ${JSON.stringify(row[`c${index}`])} is no ${json}`).toBe(true);
    }
  });

  test("of values through Kysely are what comes", async () => {
    const tenant = await backend.tenant();
    const row = await tenant.transaction({ role: "service_role" }, (db) => db.selectFrom("samples").selectAll().executeTakeFirstOrThrow());
    const text = await backend.generateTypes({ format: "kysely" });
    for (const [index, [type, , , kysely]] of SAMPLES.entries()) {
      expect(text, type).toMatch(new RegExp(`\\n    c${index}: (ColumnType<)?${kysely.replaceAll(/[[\](){}|]/g, "\\$&")}[,\\n]`));
      expect(holds(kysely, row[`c${index}`]), `${type}: ${String(row[`c${index}`])} is no ${kysely}`).toBe(true);
    }
  });

  test("of values written through Kysely are taken", async () => {
    const tenant = await backend.tenant();
    const column = (type: string) => `c${SAMPLES.findIndex(([name]) => name === type)}`;
    const written = {
      [column("int8")]: 3n, [column("numeric(10,2)")]: 2, [column("date")]: new Date(), [column("interval")]: "2 days", [column("bytea")]: new Uint8Array([1]),
      [column("jsonb")]: { a: [1] }, [column("point")]: "(3,4)", [column("int8[]")]: [1n, "2", 3], [column("jsonb[]")]: [{ a: 2 }], [column("mood[]")]: ["happy"],
      [column("bytea[]")]: [new Uint8Array([1])], [column("timestamptz[]")]: [new Date(0)], [column("amount[]")]: [1, "2"], [column("pair")]: "(2,y)",
    };
    const rows = await tenant.transaction({ role: "service_role" }, (db) => db.updateTable("samples").set(written).returningAll().execute());
    expect(rows[0]).toMatchObject({ [column("int8")]: "3", [column("jsonb")]: { a: [1] }, [column("jsonb[]")]: [{ a: 2 }], [column("int8[]")]: ["1", "2", "3"], [column("mood[]")]: "{happy}", [column("point")]: { x: 3, y: 4 } });
  });

  test("are of the project that is named, as its own settings expose it", async () => {
    const { ref } = await backend.projects.create({ ref: "other", settings: { rest: { schemas: ["api", "missing"] } } });
    await backend.sql("create schema api; create table api.things (id int primary key)", ref);
    const text = await backend.generateTypes({ ref });
    expect(text).toContain("\n  api: {\n    Tables: {\n      things: {");
    expect(text).toContain("\n  missing: {\n    Tables: {\n      [_ in never]: never");
    expect(text).not.toContain("public");
    await expect(backend.generateTypes({ ref, schemas: ["missing"] })).rejects.toMatchObject({ code: "PLINTH_SCHEMA_NOT_FOUND" });
    await expect(backend.generateTypes({ ref: "nobody" })).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
  });
});
