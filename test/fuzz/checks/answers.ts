import { expect, test } from "vitest";
import { type Answer, answerProblem } from "../support/answer-check.ts";
import { FUZZ, numbers, timeFor } from "../support/fuzz-options.ts";
import { describeRequest, type FuzzRequest, fuzzRequest } from "../support/fuzz-request.ts";
import type { Runs } from "../support/fuzz-schema.ts";
import type { FuzzedBackend } from "../support/fuzzed-backend.ts";

/** Of the requests that read. Those that write go one after the other, so that what ran can be counted. */
const READERS = 3;

const reads = ({ method, path }: FuzzRequest): boolean => !(["POST", "PATCH", "PUT", "DELETE"].includes(method) && path !== "/");

/** Requests of all kinds, none of which changes anything for good. */
export function testAnswers(fuzzed: () => FuzzedBackend, count: number): void {
  const described = (problem: string, request: FuzzRequest, { status, body }: Answer): string =>
    `the answer ${problem}\n${describeRequest(FUZZ.seed, request)}\n${status} ${body.slice(0, 1_000)}`;

  test(`${count} requests are answered`, { timeout: timeFor(count, 20) }, async () => {
    const { answer: send, runs, state, vocabulary } = fuzzed();
    const before = await state();
    const requests = numbers(count).map((number) => fuzzRequest(FUZZ.seed, number, vocabulary));
    const statuses = new Map<number, number>();
    const problems: string[] = [];
    const ask = async (request: FuzzRequest): Promise<Answer> => {
      const answer = await send(request, { Prefer: "tx=rollback" });
      const problem = answerProblem(request, answer);
      if (problem !== undefined) problems.push(described(problem, request, answer));
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      return answer;
    };
    const reading = requests.filter(reads).values();
    const readers = Array.from({ length: READERS }, async () => {
      for (const request of reading) await ask(request);
    });
    const writing = (async () => {
      let ran = await runs();
      for (const request of requests.filter((each) => !reads(each))) {
        const answer = await ask(request);
        const now = await runs();
        const problem = runProblem(ran, now);
        if (problem !== undefined) problems.push(described(problem, request, answer));
        ran = now;
      }
    })();
    await Promise.all([...readers, writing]);
    expect(problems.slice(0, 10).join("\n\n")).toBe("");
    expect(await state(), "all was rolled back").toBe(before);
    if (requests.length > 500) expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 201, 204, 300, 400, 401, 404, 405, 406, 409, 416]));
  });
}

/** One request is one statement: none of its kinds may have run more than once. An upsert is an insert and an update. */
function runProblem(before: Runs, after: Runs): string | undefined {
  const twice = (Object.keys(after) as Array<keyof Runs>).filter((run) => after[run] - before[run] > 1);
  return twice.length === 0 ? undefined : `came of more than one ${twice.join(" and ")}`;
}
