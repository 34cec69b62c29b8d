import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { startNativePostgres } from "@plinth/testing/postgres";
import pg from "pg";
import { type ChildServer, startServer } from "../child-server.ts";
import { benchCases, type BenchRequest } from "./cases.ts";
import { type Measurement, measure, median } from "./measure.ts";
import { LOGIN_ROLE } from "./settings.ts";

// npm run bench [-- --seconds 5 --runs 3 --connections 16 --embedded]
const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "5" },
    runs: { type: "string", default: "3" },
    connections: { type: "string", default: "16" },
    embedded: { type: "boolean", default: false },
  },
});
const seconds = Number(options.seconds);
const connections = Number(options.connections);

const cluster = await startNativePostgres();
const servers = new Map<string, ChildServer>();
async function start(script: string, args: readonly string[]): Promise<ChildServer> {
  const server = await startServer(new URL(script, import.meta.url), args);
  return { ...server, url: `${server.url}/rest/v1` };
}
try {
  const url = await prepareDatabase(cluster.url);
  servers.set("plinth", await start("./plinth-server.ts", ["--url", url]));
  if (options.embedded) servers.set("plinth embedded", await start("./plinth-server.ts", ["--migrations", new URL(".", import.meta.url).pathname]));
  servers.set("floor", await start("./floor-server.ts", ["--url", url]));
  await compareAnswers();
  for (const [name, requests] of Object.entries(benchCases())) report(name, await compare(requests));
} finally {
  for (const server of servers.values()) await server.stop();
  await cluster.stop();
}

/** @returns the URL of the login that both servers use */
async function prepareDatabase(adminUrl: string): Promise<string> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query("create role anon nologin; create role authenticated nologin; create role service_role nologin bypassrls;");
  await admin.query(`create role ${LOGIN_ROLE} login noinherit password '${LOGIN_ROLE}'; grant anon, authenticated, service_role to ${LOGIN_ROLE};`);
  await admin.query("create database bench template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'");
  await admin.end();
  const owner = new URL(adminUrl);
  owner.pathname = "/bench";
  const client = new pg.Client({ connectionString: owner.href });
  await client.connect();
  await client.query(await readFile(new URL("./schema.sql", import.meta.url), "utf8"));
  await client.query("vacuum analyze");
  await client.end();
  owner.username = LOGIN_ROLE;
  owner.password = LOGIN_ROLE;
  return owner.href;
}

/** Whoever answers something else is not doing the same work. */
async function compareAnswers(): Promise<void> {
  for (const [name, [request]] of Object.entries(benchCases())) {
    if (!request || request.path === "/note") continue;
    const answers = new Set<string>();
    for (const { url } of servers.values()) answers.add(await answerOf(url, request));
    if (answers.size !== 1) throw new Error(`The servers answer "${name}" differently:\n${[...answers].join("\n")}`);
  }
}

async function answerOf(url: string, { method, path, headers, body }: BenchRequest): Promise<string> {
  const response = await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body }) });
  return `${response.status} ${JSON.stringify(await response.json())}`;
}

/** In turns, first one way round and then the other, so that what drifts meets all alike. */
async function compare(requests: readonly BenchRequest[]): Promise<Map<string, Measurement[]>> {
  const results = new Map([...servers.keys()].map((name) => [name, [] as Measurement[]]));
  for (const { url } of servers.values()) await measure(url, requests, connections, 1);
  for (let run = 0; run < Number(options.runs); run++) {
    const turn = run % 2 === 0 ? [...servers] : [...servers].reverse();
    for (const [name, { url }] of turn) results.get(name)?.push(await measure(url, requests, connections, seconds));
  }
  return results;
}

function report(name: string, results: ReadonlyMap<string, readonly Measurement[]>): void {
  const of = (server: string) => {
    const runs = results.get(server) ?? [];
    return { rate: median(runs.map((run) => run.requestsPerSecond)), p99: median(runs.map((run) => run.p99)), errors: runs.reduce((sum, run) => sum + run.errors, 0) };
  };
  const floor = of("floor");
  for (const server of results.keys()) {
    const { rate, p99, errors } = of(server);
    const line = [name.padEnd(11), server.padEnd(15), `${rate.toFixed(0).padStart(6)} requests/s`, `p99 ${p99.toFixed(1).padStart(5)} ms`, `ratio ${(rate / floor.rate).toFixed(2)}`, `p99 ratio ${(p99 / floor.p99).toFixed(2)}`];
    console.log(line.join("  ") + (errors > 0 ? `  ${errors} ERRORS` : ""));
  }
}
