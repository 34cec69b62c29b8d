import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import autocannon from "autocannon";
import { type ChildServer, startServer } from "../child-server.ts";

// A file of 10 KB from a site's own host and from below /assets/v1, against a bare handler that reads the same file from the
// same disk. In turns, so that what else the machine does meets both; the median of the rounds' ratios is printed.
const { values: options } = parseArgs({ options: { rounds: { type: "string", default: "5" }, seconds: { type: "string", default: "3" }, connections: { type: "string", default: "16" }, aim: { type: "string", default: "0.8" } } });

const folder = await mkdtemp(path.join(os.tmpdir(), "plinth-bench-assets-"));
const site = path.join(folder, "site");
await mkdir(site);
await writeFile(path.join(site, "style.css"), randomBytes(7_680).toString("base64"));

interface Lane {
  readonly title: string;
  readonly server: ChildServer;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

const floorServer = await startServer(new URL("floor-server.ts", import.meta.url), [site]);
const plinthServer = await startServer(new URL("plinth-server.ts", import.meta.url), [site, folder]);
const floor: Lane = { title: "bare handler", server: floorServer, path: "/style.css", headers: {} };
const lanes: readonly Lane[] = [
  { title: "a site's own host", server: plinthServer, path: "/style.css", headers: { host: "bench.sites.test" } },
  { title: "below /assets/v1", server: plinthServer, path: "/assets/v1/bench/style.css", headers: {} },
  { title: "a browser's headers, br", server: plinthServer, path: "/style.css", headers: { host: "bench.sites.test", "accept-encoding": "gzip, deflate, br, zstd", accept: "text/css,*/*;q=0.1", "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" } },
];

async function measure({ title, server, path: target, headers }: Lane, seconds: number): Promise<number> {
  const result = await autocannon({ url: server.url + target, headers, connections: Number(options.connections), duration: seconds });
  if (result.errors + result.non2xx > 0) throw new Error(`${title}: ${result.errors + result.non2xx} requests failed.`);
  return result.requests.total / result.duration;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

try {
  const figures = new Map(lanes.map((lane) => [lane, { rates: [] as number[], ratios: [] as number[] }]));
  for (const lane of [floor, ...lanes]) await measure(lane, 1);
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const lane of lanes) {
      const base = await measure(floor, Number(options.seconds));
      const rate = await measure(lane, Number(options.seconds));
      figures.get(lane)!.rates.push(rate);
      figures.get(lane)!.ratios.push(rate / base);
    }
  }
  for (const [{ title }, { rates, ratios }] of figures) console.log(`${title.padEnd(26)} ${median(rates).toFixed(0).padStart(7)}/s  ${median(ratios).toFixed(2)} of the bare handler (${ratios.map((ratio) => ratio.toFixed(2)).join(" ")})`);
  if (median(figures.get(lanes[0]!)!.ratios) < Number(options.aim)) process.exitCode = 1;
} finally {
  await plinthServer.stop();
  await floorServer.stop();
  await rm(folder, { recursive: true, force: true });
}
