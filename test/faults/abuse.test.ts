import { createTestBackend } from "@plinth/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// What one caller with a valid key may not do to everybody else.

type Backend = Awaited<ReturnType<typeof createTestBackend>>;
let backend: Backend;

beforeAll(async () => {
  backend = await createTestBackend({
    sql: `create table note (id int generated always as identity primary key, name text);
      create function headers(list text) returns text language plpgsql as $$
        begin perform set_config('response.headers', list, true); return 'ok'; end $$;
      create function raised(detail text) returns text language plpgsql as $$
        begin raise sqlstate 'PGRST' using message = '{"code":"1","message":"m","details":"d","hint":"h"}', detail = detail; end $$;`,
    onError: () => undefined,
  });
});
afterAll(() => backend.close());

const post = (path: string, body: string, type = "application/json") =>
  backend.fetch(`http://backend/rest/v1/${path}`, { method: "POST", headers: { ...backend.headersFor("anon"), "content-type": type }, body });

describe("bodies that would keep everybody waiting are refused before they are parsed", () => {
  const refused = async (body: string, type: string) => {
    const started = performance.now();
    const response = await post("note", body, type);
    expect(await response.json()).toMatchObject({ code: "PGRST102", message: expect.stringMatching(/more than/) });
    expect(response.status).toBe(400);
    expect(performance.now() - started).toBeLessThan(2_000);
  };

  test("CSV of millions of rows, or of columns", async () => {
    await refused(`name\n${"a\n".repeat(4_000_000)}`, "text/csv");
    await refused("a,".repeat(2_400_000), "text/csv");
  });

  test("forms and objects of hundreds of thousands of fields", async () => {
    await refused("a=1&".repeat(2_000_000), "application/x-www-form-urlencoded");
    await refused(`{${Array.from({ length: 20_000 }, (_, i) => `"k${i}":1`).join(",")}}`, "application/json");
  });

  test("forms with values nested too deep for the embedded database", async () => {
    await refused(`name=${"[".repeat(100_000)}`, "application/x-www-form-urlencoded");
  });

  test("what is usual is not", async () => {
    const rows = Array.from({ length: 5_000 }, (_, i) => `name ${i}`).join("\n");
    expect((await post("note", `name\n${rows}`, "text/csv")).status).toBe(201);
  });
});

describe("SQL can't say where a response ends", () => {
  const FRAMING = ["Content-Length", "content-length", "Transfer-Encoding", "Connection", "Keep-Alive", "Trailer", "Upgrade", "TE"];

  test.each(FRAMING)("%s of response.headers, or of a raised response, counts for nothing", async (name) => {
    const set = await post("rpc/headers", JSON.stringify({ list: JSON.stringify([{ [name]: "1" }, { "X-Own": "yes" }]) }));
    expect([set.status, set.headers.get("x-own"), set.headers.get("content-length")]).toEqual([200, "yes", "4"]);
    const raised = await post("rpc/raised", JSON.stringify({ detail: JSON.stringify({ status: 400, headers: { [name]: "1", "X-Own": "yes" } }) }));
    expect([raised.status, raised.headers.get("x-own"), raised.headers.get("content-length")]).toEqual([400, "yes", String((await raised.clone().arrayBuffer()).byteLength)]);
    for (const { headers } of [set, raised]) expect(headers.get("transfer-encoding") ?? headers.get("trailer") ?? headers.get("upgrade")).toBeNull();
  });

  test("names that objects have are headers like others; control characters are refused", async () => {
    const odd = await post("rpc/headers", JSON.stringify({ list: '[{"toString":"x"},{"__proto__":"y"}]' }));
    expect([odd.status, odd.headers.get("tostring"), odd.headers.get("__proto__")]).toEqual([200, "x", "y"]);
    const control = await post("rpc/headers", JSON.stringify({ list: '[{"X-A":"\\u0001"}]' }));
    expect(await control.json()).toMatchObject({ code: "PGRST111" });
  });
});

test("more values than PostgreSQL takes in one statement are the client's mistake", async () => {
  const filters = Array.from({ length: 65_536 }, () => "id.gt.0").join(",");
  const response = await backend.fetch(`http://backend/rest/v1/note?or=(${filters})`, { headers: backend.headersFor("anon") });
  expect([response.status, await response.json()]).toEqual([400, expect.objectContaining({ code: "PGRST100", message: "The request has too many values" })]);
});
