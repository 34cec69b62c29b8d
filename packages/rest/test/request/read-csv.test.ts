import { expect, test } from "vitest";
import { type CsvBody, readCsv } from "../../src/request/read-csv.ts";

const cell = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const csvOf = (header: readonly string[], rows: ReadonlyArray<readonly string[]>): string => [header, ...rows].map((row) => row.map(cell).join(",")).join("\n");

async function jsonOf(text: string): Promise<unknown> {
  const csv = await readCsv(text);
  if (csv.kind === "badCsv") throw csv.problem;
  return JSON.parse(csv.json) as unknown;
}

test("texts of many slices, with quotes, commas and lines across their borders, are what short ones are", async () => {
  const rows = Array.from({ length: 6_000 }, (_, i) => [String(i), `a "quoted", text\nof ${i} lines 🙂`, i % 3 === 0 ? "NULL" : ""]);
  const objects = rows.map(([id, text, none]) => ({ id, text, none: none === "NULL" ? null : none }));
  for (const extra of ["", "x", "xy", "xyz"]) {
    const text = csvOf(["id", "text", "none"], [[extra, "", ""], ...rows]);
    expect(text.length).toBeGreaterThan(200_000);
    expect(await jsonOf(text)).toEqual([{ id: extra, text: "", none: "" }, ...objects]);
  }
});

test.each([
  ["a\n".repeat(50_000) + '"open', /parse error/],
  ['a,b\nx"y,z\n' + "c,d\n".repeat(50_000), /parse error/],
  ["\n".repeat(70_000), /not enough input/],
  ["a,b\n".repeat(1_100_000), /more than 2000000 cells/],
])("what is wrong is told of long texts too: %#", async (text, message) => {
  expect(((await readCsv(text)) as Extract<CsvBody, { kind: "badCsv" }>).problem).toMatchObject({ code: "PGRST102", status: 400, message: expect.stringMatching(message) });
});

test("lines of other lengths are told of, wherever they are", async () => {
  expect(await readCsv("a,b\n" + "1,2\n".repeat(40_000) + "3\n")).toMatchObject({ keys: "differ" });
  expect(await readCsv("a,b\n" + "1,2,3\n".repeat(40_000))).toMatchObject({ keys: new Set(["a", "b"]) });
});

test("100,000 rows leave others their turns", async () => {
  const text = csvOf(["id", "name", "value", "note"], Array.from({ length: 100_000 }, (_, i) => [String(i), `name ${i}`, String(i * 1.5), `a note, ${i}`]));
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  const began = performance.now();
  const csv = await readCsv(text);
  clearInterval(timer);
  expect(csv.kind).toBe("csv");
  // A small part of the whole, on a machine of any speed.
  expect(longest).toBeLessThan((performance.now() - began) / 3);
});
