import { createReadStream } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { type Backend, createBackend } from "plinth";
import { type Errand, type ErrandKind, migrationFiles, type Told } from "./errand.ts";

/** Waits for an errand on standard input, and does it until it is killed. */
const tell = (told: Told): void => void process.stdout.write(`${JSON.stringify(told)}\n`);

const act = async (done: string, subject: string, work: () => Promise<{ readonly serviceRoleKey?: string } | unknown>): Promise<void> => {
  tell({ begin: done, subject });
  const start = performance.now();
  const key = ((await work()) as { readonly serviceRoleKey?: string } | undefined)?.serviceRoleKey;
  tell({ done, subject, ms: performance.now() - start, ...(key === undefined ? {} : { key }) });
};

type Round = (backend: Backend, errand: Errand, round: number) => Promise<void>;

const other = (ref: string): string => (ref.endsWith("-other") ? ref.slice(0, -6) : `${ref}-other`);

const ROUNDS: Readonly<Record<ErrandKind, Round>> = {
  create: (backend, { prefix }, round) => act("create", `${prefix}-${round}`, () => backend.projects.create({ ref: `${prefix}-${round}` })),
  delete: async (backend, { prefix }, round) => {
    if (round < 2) return act("delete", `${prefix}-${round}`, () => backend.projects.delete(`${prefix}-${round}`, { graceMs: 0 }));
    await act("create", `${prefix}-${round}`, () => backend.projects.create({ ref: `${prefix}-${round}` }));
    await act("delete", `${prefix}-${round}`, () => backend.projects.delete(`${prefix}-${round}`, { graceMs: 0 }));
  },
  pause: async (backend, { ref }) => {
    await act("pause", ref, () => backend.projects.pause(ref));
    await act("resume", ref, () => backend.projects.resume(ref));
  },
  rename: async (backend, { ref }, round) => {
    const [from, to] = round % 2 === 0 ? [ref, other(ref)] : [other(ref), ref];
    await act("rename", to, () => backend.projects.rename(from, to));
  },
  move: (backend, { ref, clusters }, round) => act("move", clusters[round % clusters.length] ?? "", () => backend.projects.move(ref, { cluster: clusters[round % clusters.length] ?? "" })),
  migrate: (backend, { migrations }, round) =>
    act("migrate", String(migrations + round + 1), async () => {
      const { counts } = await backend.migrateAll(migrationFiles(migrations + round + 1), { concurrency: 2 });
      if (counts.failed + counts.unavailable + counts.changed > 0) throw new Error(JSON.stringify(counts));
    }),
  rotate: async (backend, { masterKeys }, round) => {
    const newMasterKey = masterKeys[round];
    if (newMasterKey === undefined) return void (await sleep(60_000));
    await act("rotate", newMasterKey, () => backend.rotateMasterKey({ batchSize: 1, ...(newMasterKey === "" ? {} : { newMasterKey }) }));
  },
  import: (backend, { prefix, file }, round) => act("import", `${prefix}-${round}`, () => backend.projects.import(createReadStream(file), { ref: `${prefix}-${round}` })),
  nothing: () => sleep(60_000),
};

/** Tells of every row that was answered for; what is refused meanwhile is no matter here. */
async function write(backend: Backend, { ref, serviceRoleKey, firstRow }: Errand): Promise<void> {
  if (ref === "") return;
  for (let id = firstRow; ; id++) {
    const response = await backend.fetch("http://backend/rest/v1/notes", {
      method: "POST",
      headers: { apikey: serviceRoleKey, "content-type": "application/json" },
      body: JSON.stringify({ id }),
    });
    if (response.status === 201) tell({ row: id });
    else if (response.status !== 503) tell({ failed: `a write of row ${id}: ${response.status} ${await response.text()}` });
    await sleep(10);
  }
}

tell({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const errand = JSON.parse(line) as Errand;
  if (errand.kind === "nothing") tell({ go: true });
  const backend = await createBackend({ ...errand.options, onError: () => undefined });
  if (errand.kind === "delete") for (const round of [0, 1]) await act("create", `${errand.prefix}-${round}`, () => backend.projects.create({ ref: `${errand.prefix}-${round}` }));
  if (errand.kind !== "nothing") tell({ go: true });
  // Not before the errand has begun: the first request of a process takes a while.
  setImmediate(() => void write(backend, errand));
  for (let round = 0; ; round++) {
    await ROUNDS[errand.kind](backend, errand, round).catch((error: unknown) => {
      const { code, details } = error as { code?: string; details?: unknown };
      tell({ failed: `${errand.kind} ${round}: ${String(error)} ${code ?? ""} ${JSON.stringify(details ?? null)}` });
      return sleep(60_000);
    });
  }
}
