import { parseArgs } from "node:util";
import { startNativePostgres } from "@plinth/testing/postgres";
import { createBackend } from "plinth";
import { type Demand, type LoadResult, runLoad, visitAll } from "./load.ts";
import { type BenchProject, makeProjects } from "./make-projects.ts";
import { naivePools } from "./naive-pools.ts";
import { measureOpening } from "./opening-floor.ts";
import { type ServerFigures, watchServer } from "./server-watch.ts";
import { seeded } from "../../test/support/seeded.ts";
import { zipfRanks } from "./zipf-ranks.ts";

// Many projects, each in a database of its own, on few connections: some are asked for all the time, most of them now and
// then. Requests go in process through `backend.fetch`, so that what is measured is Plinth and PostgreSQL.
// Every project is asked once before, then half the time without being measured. --concurrency: so many clients, each
// with its next request when it has an answer; --rate: so many requests a second, come what may; both any number of times.
// --naive: the same load on pools as they are usually written by hand, one for each database and as many as connections.
// With --url a server of one's own, whose projects are kept from run to run.
const { values: options } = parseArgs({
  options: {
    url: { type: "string" },
    projects: { type: "string", default: "200" },
    untouched: { type: "string", default: "50" },
    connections: { type: "string", default: "100" },
    seconds: { type: "string", default: "20" },
    concurrency: { type: "string", multiple: true, default: [] },
    rate: { type: "string", multiple: true, default: [] },
    skew: { type: "string", multiple: true, default: ["1.0"] },
    naive: { type: "boolean", default: false },
  },
});
const connections = Number(options.connections);
const count = Number(options.projects);
/** For each measurement. */
const untouched = Number(options.untouched);
const all = count + untouched * demands().length;

const server = options.url === undefined ? await startNativePostgres() : { url: options.url, stop: async () => undefined };
try {
  await prepare();
  for (const skew of options.skew) await measure(Number(skew));
} finally {
  await server.stop();
}

function open() {
  return createBackend({
    databaseUrl: server.url,
    project: false,
    masterKey: "the master key of a benchmark, of no use elsewhere",
    pool: { maxConnections: connections, maxOpenProjects: all },
  });
}

async function prepare(): Promise<void> {
  const backend = await open();
  const { made, seconds } = await makeProjects(backend, all, 2);
  if (made > 0) console.log(`made ${made} projects in ${seconds.toFixed(1)} s: ${((seconds * 1_000) / made).toFixed(0)} ms each, two at a time`);
  await backend.close();
}

async function measure(skew: number): Promise<void> {
  const backend = await open();
  const { projects } = await makeProjects(backend, all, 4);
  const served = projects.slice(0, count);
  await visitAll(backend, served, 4);
  // How fast this machine is just now, for comparison.
  const floor = await measureOpening(server.url, 3);
  for (const [i, [title, demand]] of demands().entries()) {
    const load = { backend, projects: served, demand, nextRank: zipfRanks(count, skew, seeded(1)) };
    await runLoad({ ...load, untouched: [], seconds: Number(options.seconds) / 2 });
    const look = await watchServer(server.url);
    const result = await runLoad({ ...load, untouched: projects.slice(count + i * untouched, count + (i + 1) * untouched), seconds: Number(options.seconds) });
    report(`skew ${skew}, ${title}`, result, await look(), floor);
  }
  await backend.close();
  if (options.naive) await measureNaive(skew, served, floor);
}

async function measureNaive(skew: number, projects: readonly BenchProject[], floor: number): Promise<void> {
  for (const [title, demand] of demands()) {
    const naive = naivePools(server.url, projects, connections);
    const load = { backend: naive, projects, demand, untouched: [], nextRank: zipfRanks(count, skew, seeded(1)) };
    await runLoad({ ...load, seconds: Number(options.seconds) / 2 });
    const look = await watchServer(server.url);
    const result = await runLoad({ ...load, seconds: Number(options.seconds) });
    report(`skew ${skew}, ${title}, pools by hand`, result, await look(), floor);
    await naive.close();
  }
}

function demands(): ReadonlyArray<readonly [title: string, demand: Demand]> {
  const clients = options.concurrency.map((number) => [`${number} clients`, { clients: Number(number) }] as const);
  const rates = options.rate.map((number) => [`${number} requests/s asked`, { perSecond: Number(number) }] as const);
  return clients.length + rates.length > 0 ? [...clients, ...rates] : [["256 clients", { clients: 256 }]];
}

function report(title: string, { latencies, firsts, errors, seconds }: LoadResult, figures: ServerFigures, floor: number): void {
  const of = (from: number, to: number) => [...latencies].filter(([rank]) => rank >= from && rank < to).flatMap(([, values]) => values);
  const all = of(0, Number.POSITIVE_INFINITY);
  const failed = [...errors.values()].reduce((sum, times) => sum + times, 0);
  console.log(`\n${title}: ${(all.length / seconds).toFixed(0)} requests/s, ${failed} errors, ${latencies.size} projects asked`);
  console.log(`  connections at most ${figures.mostConnections}, opened ${(figures.sessions / seconds).toFixed(0)}/s (pg alone: ${floor.toFixed(0)}/s); ${(figures.databaseBytes / 2 ** 20).toFixed(1)} MiB a database`);
  line("hottest tenth of the connections", of(0, connections / 10));
  line("as many projects as connections", of(0, connections));
  line("all the others", of(connections, Number.POSITIVE_INFINITY));
  line("first request of a project ever", firsts);
  for (const [error, times] of errors) console.log(`  ${times} times ${error}`);
}

function line(title: string, values: readonly number[]): void {
  const sorted = Float64Array.from(values).sort();
  const quantile = (q: number): string => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN).toFixed(1);
  console.log(`  ${title.padEnd(34)} ${String(values.length).padStart(7)} requests  p50 ${quantile(0.5)}  p90 ${quantile(0.9)}  p99 ${quantile(0.99)}  longest ${quantile(1)} ms`);
}
