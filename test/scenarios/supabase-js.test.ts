import { createClient } from "@supabase/supabase-js";
import { FETCH_DOOR, type OpenDoor } from "@plinth/testing/vitest";
import { createTestBackend, type TestBackend } from "@plinth/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { SOCKET_DOOR } from "./support/doors.ts";
import { ANN, LIBRARY_SCHEMA, libraryData } from "./support/library.ts";

let backend: TestBackend;
beforeAll(async () => {
  backend = await createTestBackend({ sql: LIBRARY_SCHEMA });
});
afterAll(() => backend.close());

describe.each([FETCH_DOOR, SOCKET_DOOR])("supabase-js through $name", ({ open }) => {
  let door: OpenDoor;
  beforeAll(async () => {
    door = await open(backend);
  });
  afterAll(() => door.close());
  beforeEach(() => backend.sql(libraryData("mark")));

  const global = () => ({ fetch: (input: string | URL | Request, init?: RequestInit) => door.fetch(String(input), init ?? {}) });
  const anon = () => createClient(door.url, backend.anonKey, { global: global() });
  const ann = () => createClient(door.url, backend.anonKey, { global: global(), accessToken: async () => backend.tokenFor(ANN) });

  test("reads", async () => {
    const { data, error, count } = await anon().from("books").select("title, authors!inner(name)", { count: "exact" }).eq("authors.name", "Lem").order("id");
    expect({ data, error, count }).toEqual({ data: [{ title: "Solaris", authors: { name: "Lem" } }], error: null, count: 1 });
  });

  test("reads one, or none", async () => {
    expect((await anon().from("authors").select("name").eq("id", 1).single()).data).toEqual({ name: "Le Guin" });
    expect((await anon().from("authors").select("name").eq("id", 99).maybeSingle()).data).toBeNull();
    expect((await anon().from("authors").select("name").eq("id", 99).single()).error?.code).toBe("PGRST116");
  });

  test("counts without rows", async () => {
    const { count, data } = await anon().from("books").select("*", { count: "exact", head: true });
    expect({ count, data }).toEqual({ count: 4, data: null });
  });

  test("filters and pages", async () => {
    const { data } = await anon().from("books").select("id").or("pages.gt.300,title.eq.Solaris").contains("tags", ["sf"]).order("pages", { ascending: false }).range(0, 0);
    expect(data).toEqual([{ id: 1 }]);
  });

  test("writes", async () => {
    expect((await anon().from("authors").insert({ id: 9, name: "Borges" }).select().single()).data).toEqual({ id: 9, name: "Borges", born: null });
    expect((await anon().from("authors").upsert({ id: 9, name: "Borges", born: 1899 }).select("born")).data).toEqual([{ born: 1899 }]);
    expect((await anon().from("authors").update({ born: 1900 }).eq("id", 9).select("born")).data).toEqual([{ born: 1900 }]);
    expect((await anon().from("authors").delete().eq("id", 9)).status).toBe(204);
    expect((await anon().from("authors").insert({ id: 1, name: "X" })).error?.code).toBe("23505");
  });

  test("calls", async () => {
    expect((await anon().rpc("add", { a: 1, b: 2 })).data).toBe(3);
    expect((await ann().rpc("whoami", {}, { get: true })).data).toEqual({ role: "authenticated", ...ANN, method: "GET" });
    expect((await anon().rpc("books_of", { name: "Le Guin" }).select("id").order("id")).data).toEqual([{ id: 1 }, { id: 2 }]);
  });

  test("is held to policies", async () => {
    expect((await ann().from("notes").select("id")).data).toEqual([{ id: 1 }]);
    expect((await anon().from("notes").select("id")).data).toEqual([]);
    expect((await anon().from("vault").select()).status).toBe(401);
  });

  test("a client that goes away ends its request", async () => {
    const { error } = await anon().from("books").select().abortSignal(AbortSignal.abort());
    expect(error).not.toBeNull();
  });
});
