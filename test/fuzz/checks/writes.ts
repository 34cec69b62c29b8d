import { expect, test } from "vitest";
import type { Answer } from "../support/answer-check.ts";
import { FUZZ, timeFor } from "../support/fuzz-options.ts";
import { describeRequest, type FuzzRequest, fuzzRequest } from "../support/fuzz-request.ts";
import { COUNTED, type Runs } from "../support/fuzz-schema.ts";
import type { FuzzedBackend } from "../support/fuzzed-backend.ts";

/** Parameters that would show less than what was written. */
const SHOWING = /^(?:select|order|limit|offset|[^=]*\.[^=]*|%22[^=]*)=/;
const SHOWING_HEADERS = new Set(["accept", "prefer", "range", "accept-profile", "content-profile"]);
const RESOLUTIONS = ["", ",resolution=merge-duplicates", ",resolution=ignore-duplicates"];
/** Writes after which the rows are put back. */
const BATCH = 25;

const bare = (request: FuzzRequest): FuzzRequest => ({
  ...request,
  query: request.query.split("&").filter((pair) => !SHOWING.test(pair)).join("&"),
  headers: request.headers.filter(([name]) => !SHOWING_HEADERS.has(name.toLowerCase())),
});

const writes = ({ method, path, plain }: FuzzRequest): boolean => plain && ["POST", "PATCH", "PUT", "DELETE"].includes(method) && COUNTED.includes(path.slice(1));

interface Write {
  readonly request: FuzzRequest;
  readonly answer: Answer;
  /** Rows that there are more. */
  readonly more: number;
  readonly ran: Readonly<Partial<Runs>>;
  readonly mayKeep: boolean;
}

/** @returns what is wrong, if anything is */
function writeProblem({ request, answer: { status, body }, more, ran, mayKeep }: Write): string | undefined {
  if (status >= 300) return more === 0 ? undefined : `was refused, and there are ${more} rows more`;
  if (Object.values(ran).some((times) => times > 1)) return `ran ${JSON.stringify(ran)}`;
  const rows = (JSON.parse(body) as unknown[]).length;
  switch (request.method) {
    case "POST": return (mayKeep ? more <= rows : more === rows) ? undefined : `told of ${rows} rows, and made ${more}`;
    case "DELETE": return -more === rows ? undefined : `told of ${rows} rows, and took ${-more}`;
    case "PUT": return more === (status === 201 ? 1 : 0) && rows === 1 ? undefined : `told of ${rows} rows by ${status}, and made ${more}`;
    default: return more === 0 ? undefined : `changed rows, and made ${more}`;
  }
}

/** Writes that are kept: what they answer is what they did, once. Rows are counted before and after, and statements as they run. */
export function testWrites(fuzzed: () => FuzzedBackend, count: number): void {
  const rowsOf = async (table: string): Promise<number> => Number((await fuzzed().query<{ count: string }>(`select count(*) from ${table}`))[0]?.count);

  async function write(request: FuzzRequest): Promise<Write> {
    const table = request.path.slice(1);
    const resolution = RESOLUTIONS[request.number % RESOLUTIONS.length] as string;
    const [rows, ran] = [await rowsOf(table), await fuzzed().runs()];
    const answer = await fuzzed().answer(request, { Prefer: `tx=commit,return=representation${resolution}`, Accept: "application/json" });
    const [rowsNow, ranNow] = [await rowsOf(table), await fuzzed().runs()];
    const times = Object.fromEntries(Object.entries(ranNow).map(([run, now]) => [run, now - ran[run as keyof Runs]]));
    return { request, answer, more: rowsNow - rows, ran: times, mayKeep: resolution !== "" };
  }

  test(`${count} writes do what they tell`, { timeout: timeFor(count, 100) }, async () => {
    const problems: string[] = [];
    let [done, successes] = [0, 0];
    for (let number = 0; done < count; number++) {
      const request = bare(fuzzRequest(FUZZ.seed, number, fuzzed().vocabulary));
      if (!writes(request)) continue;
      const written = await write(request);
      const problem = writeProblem(written);
      if (problem !== undefined) problems.push(`${problem}\n${describeRequest(FUZZ.seed, request)}\n${written.answer.status} ${written.answer.body.slice(0, 500)}`);
      if (written.answer.status < 300) successes++;
      if (++done % BATCH === 0) await fuzzed().restore();
    }
    await fuzzed().restore();
    expect(problems.join("\n\n")).toBe("");
    expect(successes).toBeGreaterThan(count / 5);
  });
}
