import { parseArgs } from "node:util";
import { createBackend } from "plinth";
import { visitAll } from "./load.ts";
import { type BenchProject, makeProjects } from "./make-projects.ts";
import { openEach } from "./opening-floor.ts";
import { processorTime } from "./processor-time.ts";

// What the first request to a project costs that has lost its connection to others: processor time of the server and of
// this process, beside that of `pg` for connecting, one question, and leaving. By processor time rather than by the
// clock, so that it can be told on a machine that is busy with other things; in turns, so that both meet the same.
// The server is one of one's own on this machine, where its processes can be seen; projects are kept from run to run.
const { values: options } = parseArgs({
  options: {
    url: { type: "string", default: "postgres://postgres@127.0.0.1:5432/postgres" },
    projects: { type: "string", default: "200" },
    rounds: { type: "string", default: "5" },
  },
});
const count = Number(options.projects);

const backend = await createBackend({
  databaseUrl: options.url,
  project: false,
  masterKey: "the master key of a benchmark, of no use elsewhere",
  // One connection: each request takes the last one's.
  pool: { maxConnections: 1, maxOpenProjects: count },
});
const { projects } = await makeProjects(backend, count, 2);
const processors = await processorTime(options.url);
const once = (each: readonly BenchProject[]) => () => visitAll(backend, each, 1);
const ways = {
  "pg alone": () => openEach(options.url, projects.map(({ ref }) => `plinth_${ref}`)),
  "a project without a connection": once(projects),
  "a project with one": once(projects.map(() => projects[0]!)),
};
const spent = new Map(Object.keys(ways).map((way) => [way, { server: 0, here: 0, took: 0 }]));
await once(projects)();
for (let round = 0; round < Number(options.rounds); round++) {
  for (const [way, run] of Object.entries(ways)) {
    const before = processors();
    const began = performance.now();
    await run();
    const after = processors();
    const sum = spent.get(way)!;
    sum.took += performance.now() - began;
    sum.server += after.server - before.server;
    sum.here += after.here - before.here;
  }
}
await backend.close();

const each = (ms: number): string => (ms / count / Number(options.rounds)).toFixed(2).padStart(6);
for (const [way, { server, here, took }] of spent) console.log(`${way.padEnd(32)} server ${each(server)} ms  here ${each(here)} ms  both ${each(server + here)} ms  by the clock ${each(took)} ms`);
