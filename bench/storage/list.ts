import { createTestBackend, startPrivatePostgres } from "@plinth/testing";
import { parseArgs } from "node:util";

// What listing costs in a bucket of a million objects, of folders that hold few or many, under a policy by which everybody
// has a folder. Each case is asked for several times; the median and the slowest are printed. Last, pages are gone through to
// the end, to see that no object is left out. On a PostgreSQL of its own, which is gone afterwards.
const { values: options } = parseArgs({ options: { rounds: { type: "string", default: "21" }, aim: { type: "string", default: "30" } } });

const ANN = "11111111-1111-4111-8111-111111111111";
const BUCKET = "bench";
/** `n` is 1 to a million. */
const ROWS = `
  insert into storage.buckets (id, name) values ('${BUCKET}', '${BUCKET}');
  create policy own_folder on storage.objects for all to authenticated
    using (bucket_id = '${BUCKET}' and (storage.foldername(name))[1] = auth.uid()::text)
    with check (bucket_id = '${BUCKET}' and (storage.foldername(name))[1] = auth.uid()::text);
  insert into storage.objects (bucket_id, name, metadata, version)
    select '${BUCKET}', '${ANN}/' || case
             when n <= 500000 then format('large/d%s/f%s.txt', n % 5, lpad(n::text, 7, '0'))
             when n <= 600000 then format('folders/d%s/f%s.txt', lpad((n % 1000)::text, 4, '0'), n)
             when n <= 700000 then format('mixed/%s%s', lpad((n / 4)::text, 6, '0'), case n % 4 when 0 then '.txt' else '/f' || n end)
             else format('files/F%s.txt', lpad(n::text, 7, '0')) end,
           '{"size": 5, "eTag": "\\"8b1a9953c4611296a827abf8c47804d7\\"", "mimetype": "text/plain", "cacheControl": "no-cache"}', gen_random_uuid()
      from generate_series(1, 1000000) as n;
`;

const server = await startPrivatePostgres();
const backend = await createTestBackend({ databaseUrl: server.url, sql: ROWS });
const owner = await backend.ownerDatabase();
await owner.script("analyze storage.objects");

const headers = { ...backend.headersFor({ sub: ANN }), "content-type": "application/json" };
async function ask<Answer>(path: string, body: unknown): Promise<Answer> {
  const response = await backend.fetch(`http://backend/storage/v1/object/${path}/${BUCKET}`, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path} ${JSON.stringify(body)}: ${await response.text()}`);
  return (await response.json()) as Answer;
}

interface Case {
  readonly title: string;
  /** Asked for how long it takes, or held to the aim. */
  readonly isAimed: boolean;
  run(): Promise<number>;
}
const first = (title: string, more: object, isAimed = true): Case => ({ title: `list    ${title}`, isAimed, run: async () => (await ask<unknown[]>("list", { limit: 100, ...more })).length });
interface Page {
  readonly folders: readonly { readonly name: string }[];
  readonly objects: readonly { readonly name: string }[];
  readonly nextCursor?: string;
}
const second = (title: string, more: object, isAimed = true): Case => ({
  title: `list-v2 ${title}`,
  isAimed,
  run: async () => {
    const { folders, objects } = await ask<Page>("list-v2", { limit: 100, with_delimiter: true, ...more });
    return folders.length + objects.length;
  },
});

const cases: readonly Case[] = [
  first("the user's folder, 4 folders of 100,000 and more", { prefix: ANN }),
  first("5 folders of 100,000 each", { prefix: `${ANN}/large` }),
  first("100 of 1,000 folders of 100", { prefix: `${ANN}/folders` }),
  first("100 of 300,000 files", { prefix: `${ANN}/files` }),
  first("100 of 300,000 files, backwards", { prefix: `${ANN}/files`, sortBy: { column: "name", order: "desc" } }),
  first("100 files and folders in turns", { prefix: `${ANN}/mixed` }),
  first("files that begin with a text, in another case", { prefix: `${ANN}/files`, search: "f09999" }),
  first("100 files after 1,000", { prefix: `${ANN}/files`, offset: 1_000 }, false),
  first("100 files after 100,000", { prefix: `${ANN}/files`, offset: 100_000 }, false),
  first("100 folders after 900", { prefix: `${ANN}/folders`, offset: 900 }, false),
  first("100 of 300,000 files by time", { prefix: `${ANN}/files`, sortBy: { column: "created_at", order: "desc" } }, false),
  second("5 folders of 100,000 each", { prefix: `${ANN}/large/` }),
  second("100 of 1,000 folders of 100", { prefix: `${ANN}/folders/` }),
  second("100 of 300,000 files", { prefix: `${ANN}/files/` }),
  second("100 files and folders in turns", { prefix: `${ANN}/mixed/` }),
  second("100 files and folders in turns, backwards", { prefix: `${ANN}/mixed/`, sortBy: { column: "name", order: "desc" } }),
  second("100 of a million, flat", { with_delimiter: false, prefix: `${ANN}/` }),
  second("1,000 folders", { prefix: `${ANN}/folders/`, limit: 1_000 }, false),
  second("1,000 files", { prefix: `${ANN}/files/`, limit: 1_000 }, false),
  second("5 folders of 100,000 each, by time", { prefix: `${ANN}/large/`, sortBy: { column: "created_at" } }, false),
];

let isSlow = false;
for (const { title, isAimed, run } of cases) {
  const times: number[] = [];
  let found = 0;
  for (let round = 0; round < (isAimed ? Number(options.rounds) : 3); round++) {
    const began = performance.now();
    found = await run().catch((error: unknown) => {
      if (isAimed) throw error;
      console.log(String(error).slice(0, 200));
      return Number.NaN;
    });
    times.push(performance.now() - began);
  }
  times.sort((one, other) => one - other);
  const median = times[Math.floor(times.length / 2)]!;
  isSlow ||= isAimed && median > Number(options.aim);
  console.log(`${title.padEnd(56)} ${String(found).padStart(5)} entries ${median.toFixed(1).padStart(8)} ms  slowest ${times.at(-1)!.toFixed(1).padStart(8)} ms${isAimed && median > Number(options.aim) ? "  too slow" : ""}`);
}

async function countPages(more: object): Promise<{ readonly names: number; readonly distinct: number }> {
  const names = new Set<string>();
  let count = 0;
  for (let cursor: string | undefined, page: Page | undefined; page === undefined || cursor !== undefined; cursor = page.nextCursor) {
    page = await ask<Page>("list-v2", { limit: 1_000, ...more, cursor });
    for (const { name } of [...page.folders, ...page.objects]) names.add(name);
    count += page.folders.length + page.objects.length;
  }
  return { names: count, distinct: names.size };
}
const expected = [
  { title: "all, flat", more: {}, names: 1_000_000 },
  { title: "a folder of files and folders", more: { prefix: `${ANN}/mixed/`, with_delimiter: true }, names: 50_000 },
  { title: "the same backwards", more: { prefix: `${ANN}/mixed/`, with_delimiter: true, sortBy: { column: "name", order: "desc" } }, names: 50_000 },
];
let isWrong = false;
for (const { title, more, names } of expected) {
  const began = performance.now();
  const found = await countPages(more);
  const isRight = found.names === found.distinct && found.names === names;
  isWrong ||= !isRight;
  console.log(`paging through ${title.padEnd(41)} ${String(found.names).padStart(9)} names${isRight ? "" : ` WRONG: ${found.distinct} distinct, ${names} expected`}  ${((performance.now() - began) / 1_000).toFixed(1)} s`);
}
await backend.close();
await server.stop();
process.exitCode = isSlow || isWrong ? 1 : 0;
