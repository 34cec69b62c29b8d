import { expect, test } from "vitest";
import type { Answer } from "../support/answer-check.ts";
import { Dice } from "../support/dice.ts";
import { encode } from "../support/distort.ts";
import { FUZZ, timeFor } from "../support/fuzz-options.ts";
import { describeRequest, type FuzzRequest, fuzzRequest } from "../support/fuzz-request.ts";
import type { FuzzedBackend } from "../support/fuzzed-backend.ts";
import { logicTree } from "../support/query.ts";
import type { KnownTable } from "../support/vocabulary.ts";

/** Answers that say the same in two ways. */
export function testAgreement(fuzzed: () => FuzzedBackend, count: number): void {
  const get = (table: KnownTable, query: string, headers: FuzzRequest["headers"] = []): FuzzRequest => ({ number: 0, method: "GET", path: `/${table.name}`, query, headers, body: undefined, plain: true });

  async function total(table: KnownTable, query: string): Promise<number | Answer> {
    const answer = await fuzzed().answer({ ...get(table, query), method: "HEAD" }, { Prefer: "count=exact" });
    const told = /\/(\d+)$/.exec(answer.headers.get("content-range") ?? "")?.[1];
    return answer.status >= 300 || told === undefined ? answer : Number(told);
  }

  test("agree: a condition, its negation, and either of them", { timeout: timeFor(count, 100) }, async () => {
    let compared = 0;
    for (let number = 0; number < count; number++) {
      const dice = new Dice(FUZZ.seed, number);
      const table = dice.pick(fuzzed().vocabulary.tables);
      const tree = encode(dice, logicTree(dice, table, 0));
      const totals = [await total(table, `and=(${tree})`), await total(table, `and=(not.and(${tree}))`), await total(table, `or=(${tree},not.and(${tree}))`), await total(table, `and=(${tree},not.and(${tree}))`)];
      const [is, isNot, either, both] = totals;
      if (typeof is !== "number" || typeof isNot !== "number") continue;
      expect([either, both], `${table.name}: ${tree}`).toEqual([is + isNot, 0]);
      compared++;
    }
    expect(compared).toBeGreaterThan(count / 3);
  });

  test("agree: HEAD and GET", { timeout: timeFor(count, 100) }, async () => {
    const facts = ({ status, headers }: Answer): unknown => [status, ...["content-range", "content-type", "content-location", "preference-applied", "content-profile"].map((name) => headers.get(name))];
    for (let number = 0, compared = 0; compared < count; number++) {
      const request = fuzzRequest(FUZZ.seed, number, fuzzed().vocabulary);
      if (request.method !== "GET") continue;
      const [asked, headed] = [await fuzzed().answer(request), await fuzzed().answer({ ...request, method: "HEAD" })];
      // Only GET has a Range (RFC 9110, 14.2), and only its rows are made into a body, which may fail.
      if (request.headers.some(([name]) => name === "Range") || asked.status >= 400) continue;
      expect(facts(headed), describeRequest(FUZZ.seed, request)).toEqual(facts(asked));
      compared++;
    }
  });

  test("agree: pages and the whole", { timeout: timeFor(count, 100) }, async () => {
    for (const table of fuzzed().vocabulary.tables.filter(({ primaryKey, name }) => primaryKey.length > 0 && name !== "vault")) {
      const order = `order=${table.primaryKey.map(({ name }) => name).join(",")}`;
      const whole = JSON.parse((await fuzzed().answer(get(table, order))).body) as unknown[];
      for (let offset = 0; offset <= whole.length; offset++) {
        const limit = 1 + (offset % 2);
        const pages = [await fuzzed().answer(get(table, `${order}&limit=${limit}&offset=${offset}`)), await fuzzed().answer(get(table, order, [["Range", `${offset}-${offset + limit - 1}`]]))];
        expect(pages.map(({ body }) => JSON.parse(body) as unknown), `${table.name} from ${offset}`).toEqual([whole.slice(offset, offset + limit), whole.slice(offset, offset + limit)]);
      }
    }
  });
}
