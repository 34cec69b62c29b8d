import { parseArgs } from "node:util";
import { Processors } from "./simulation/processors.ts";
import { PretendedServer } from "./simulation/pretended-server.ts";
import { VirtualClock } from "./simulation/virtual-clock.ts";
import { seeded } from "../../test/support/seeded.ts";
import { zipfRanks } from "./zipf-ranks.ts";

// The RoutingPool's policy, apart from the machine: the real engine over a server that only pretends, in virtual time.
// The same numbers on every machine, however busy. What a real server makes of it is zipf.ts's to say.
const { values: options } = parseArgs({
  options: {
    tenants: { type: "string", default: "1000" },
    connections: { type: "string", default: "100" },
    seconds: { type: "string", default: "15" },
    clients: { type: "string", default: "256" },
    skew: { type: "string", default: "1.0" },
    processors: { type: "string", default: "2" },
    "open-ms": { type: "string", default: "7" },
    "query-ms": { type: "string", default: "0.5" },
    opening: { type: "string", default: "4" },
  },
});
const tenants = Number(options.tenants);
const connections = Number(options.connections);
const lengthMs = Number(options.seconds) * 1_000;

const clock = new VirtualClock();
clock.install();
const { RoutingPool } = await import("@plinth/core");
const server = new PretendedServer(clock, new Processors(clock, Number(options.processors)), { openMs: Number(options["open-ms"]), queryMs: Number(options["query-ms"]) });
const pool = new RoutingPool({ maxConnections: connections, maxConnectionsPerTenant: 5, maxOpening: Number(options.opening), acquireTimeoutMs: 60_000 });
const config = { host: "pretended", user: "bench", database: "bench", stream: () => server.connect() };
const routes = Array.from({ length: tenants }, (_, i) => pool.route({ id: `t${i}`, cluster: "pretended", kind: "native", open: async () => ({ config, cancel: async () => undefined, release: async () => undefined }) }));

/** Milliseconds that requests took, by rank, and how often connections were opened, once those that are hot have theirs. */
const latencies = Array.from({ length: tenants }, (): number[] => []);
const warmMs = lengthMs / 3;
let opensBefore = 0;
clock.after(warmMs, () => (opensBefore = server.opens));
const nextRank = zipfRanks(tenants, Number(options.skew), seeded(1));
const client = async (): Promise<void> => {
  while (clock.now < lengthMs) {
    const rank = nextRank();
    const began = clock.now;
    await routes[rank]!.withClient((borrowed) => borrowed.query("select 1"));
    if (began > warmMs) latencies[rank]!.push(clock.now - began);
  }
};
let running = Number(options.clients);
for (let i = 0; i < Number(options.clients); i++) void client().then(() => running--);
await clock.runUntil(() => running === 0);

const seconds = (lengthMs - warmMs) / 1_000;
const requests = latencies.flat().length;
const opens = server.opens - opensBefore;
console.log(`skew ${options.skew}, ${options.clients} clients: ${(requests / seconds).toFixed(0)} requests/s, ${(opens / seconds).toFixed(0)} connections opened a second, ${server.mostConnections} at most`);
report(`hottest ${(connections * 0.8).toFixed(0)}`, latencies.slice(0, connections * 0.8).flat());
report("all others", latencies.slice(connections * 0.8).flat());
process.exit();

function report(title: string, values: readonly number[]): void {
  const sorted = Float64Array.from(values).toSorted();
  const quantile = (q: number): string => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN).toFixed(1);
  console.log(`  ${title.padEnd(12)} ${String(values.length).padStart(7)} requests  p50 ${quantile(0.5)}  p90 ${quantile(0.9)}  p99 ${quantile(0.99)}  longest ${quantile(1)} ms`);
}
