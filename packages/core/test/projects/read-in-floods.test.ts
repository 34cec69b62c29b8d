import { expect, test } from "vitest";
import { NameLookup } from "../../src/domains/name-lookup.ts";
import { readInFloods } from "../../src/projects/read-in-floods.ts";

test("of many projects asked for at once only those are read one by one that are there", async () => {
  const reads: string[] = [];
  let statements = 0;
  const names = new NameLookup(async ({ refs }) => {
    statements++;
    return { domains: new Map(), refs: new Map(refs.filter((ref) => ref.startsWith("real")).map((ref) => [ref, ref])) };
  });
  const read = readInFloods(async (ref) => {
    reads.push(ref);
    await new Promise(setImmediate);
    return ref;
  }, names);
  expect(await read("one")).toBe("one");
  expect(statements).toBe(0);
  const refs = Array.from({ length: 1_000 }, (_, at) => `${at % 100 === 50 ? "real" : "made-up"}-${at}`);
  const outcomes = await Promise.allSettled(refs.map(read));
  expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBe(8 + 10);
  expect(reads.length).toBe(1 + 8 + 10);
  expect(statements).toBeLessThanOrEqual(3);
  expect(outcomes[999]).toMatchObject({ reason: { code: "PLINTH_PROJECT_NOT_FOUND" } });
});
