import { createReadStream } from "node:fs";
import { sql } from "kysely";
import type { Backend } from "plinth";
import { expect } from "vitest";
import { until } from "../../../scenarios/support/until.ts";
import { type ErrandKind, migrationFiles, type Told } from "./errand.ts";
import type { KillRuns } from "./kill-run.ts";
import { readRows, type Resident, writeRow } from "./resident.ts";

/** What is to be seen after a kill. */
export interface Aftermath {
  /** All that was acknowledged is there, and what was not is whole or absent. */
  look(backend: Backend): Promise<void>;
  /** The same can be done again. */
  goOn(backend: Backend): Promise<void>;
}

type Open = { readonly begin: string; readonly subject: string } | undefined;

export function aftermath(runs: KillRuns, kind: ErrandKind, told: readonly Told[], open: Open): Aftermath {
  const { resident, bystander } = runs;
  const residents = [resident, bystander];
  const made = new Map(told.flatMap((each) => ("done" in each && (each.done === "create" || each.done === "import") ? [[each.subject, each.key ?? ""]] : [])));
  for (const each of told) if ("done" in each && each.done === "delete") made.delete(each.subject);
  const acked = told.flatMap((each) => ("done" in each ? [each.done] : [])).at(-1);

  const lookAtOwn: Partial<Record<ErrandKind, (backend: Backend) => Promise<void>>> = {
    create: (backend) => lookAtMade(backend),
    delete: (backend) => lookAtMade(backend),
    import: (backend) => lookAtMade(backend),
    pause: async (backend) => {
      const status = (await readRows(backend, resident.serviceRoleKey)) === "PLINTH_PROJECT_PAUSED" ? "paused" : "active";
      const before = acked === "pause" ? "paused" : "active";
      expect(open ? ["active", "paused"] : [before]).toContain(status);
      expect((await backend.projects.get(resident.ref)).status).toBe(status);
      await backend.projects[status === "paused" ? "resume" : "pause"](resident.ref);
      await backend.projects.resume(resident.ref);
    },
    rename: async (backend) => {
      const last = told.flatMap((each) => ("done" in each ? [each.subject] : [])).at(-1) ?? resident.ref;
      const { projects } = await backend.projects.list({ search: "resident" });
      expect(projects).toHaveLength(1);
      expect([last, ...(open ? [open.subject] : [])]).toContain(projects[0]?.ref);
      resident.ref = projects[0]?.ref ?? "";
    },
    move: async (backend) => {
      const { cluster, status } = await backend.projects.get(resident.ref);
      const last = told.flatMap((each) => ("done" in each ? [each.subject] : [])).at(-1);
      if (last !== undefined && !open && status === "active") expect(cluster).toBe(last);
    },
    migrate: async (backend) => {
      const done = told.flatMap((each) => ("done" in each ? [Number(each.subject)] : []));
      runs.migrations = Math.max(runs.migrations, ...done, open ? Number(open.subject) : 0);
      const { counts } = await backend.migrateAll(migrationFiles(runs.migrations));
      expect(counts.migrated + counts.current).toBe(2);
    },
    rotate: async (backend) => void (await backend.rotateMasterKey()),
  };

  /** Projects that were answered for are there; one that was not is whole if it is. Of deletions the same. */
  async function lookAtMade(backend: Backend): Promise<void> {
    // What is under way is whole or gone once the start's sweep is over.
    const listed = await until(async () => {
      const { projects } = await backend.projects.list({ limit: 1_000 });
      return projects.every(({ status }) => status === "active") && projects.map(({ ref }) => ref);
    }, 30_000);
    const maybe = open ? [open.subject] : [];
    expect([...residents.map(({ ref }) => ref), ...made.keys(), ...maybe]).toEqual(expect.arrayContaining([...listed]));
    expect(listed).toEqual(expect.arrayContaining([...made.keys()].filter((ref) => !maybe.includes(ref))));
    for (const ref of listed.filter((each) => !residents.some((known) => known.ref === each))) {
      const { serviceRoleKey } = await backend.projects.get(ref);
      if (made.has(ref)) expect(serviceRoleKey).toBe(made.get(ref));
      if (kind === "import") expect(await readRows(backend, serviceRoleKey)).toHaveLength(200);
      else expect((await backend.fetch("http://backend/rest/v1/", { headers: { apikey: serviceRoleKey } })).status).toBe(200);
    }
  }

  return {
    look: async (backend) => {
      await lookAtOwn[kind]?.(backend);
      for (const { serviceRoleKey, rows } of residents) {
        const there = await readRows(backend, serviceRoleKey);
        expect(there).toEqual(expect.arrayContaining([...rows]));
        // Written, though the answer was lost: from now on it is to be there as well.
        if (typeof there !== "string") for (const id of there) rows.add(id);
      }
      for (const each of residents) expect(await migrated(backend, each, runs.migrations)).toEqual(Array.from({ length: runs.migrations }, (_, at) => at));
    },
    goOn: async (backend) => {
      const { projects } = await backend.projects.list({ limit: 1_000 });
      const others = projects.map(({ ref }) => ref).filter((ref) => !residents.some((known) => known.ref === ref));
      for (const ref of others) await backend.projects.delete(ref, { graceMs: 0 });
      for (const each of residents) await writeRow(backend, each);
      if (open && kind === "create") await createAndDelete(backend, open.subject);
      if (open && kind === "import") {
        await backend.projects.import(createReadStream(runs.file), { ref: open.subject });
        await backend.projects.delete(open.subject, { graceMs: 0 });
      }
      if (open && kind === "move") expect((await backend.projects.move(resident.ref, { cluster: open.subject })).cluster).toBe(open.subject);
    },
  };
}

async function createAndDelete(backend: Backend, ref: string): Promise<void> {
  const { serviceRoleKey } = await backend.projects.create({ ref });
  expect((await backend.fetch("http://backend/rest/v1/", { headers: { apikey: serviceRoleKey } })).status).toBe(200);
  await backend.projects.delete(ref, { graceMs: 0 });
}

/** In the order in which they were applied. */
async function migrated(backend: Backend, { ref }: Resident, count: number): Promise<readonly number[]> {
  if (count === 0) return [];
  const owner = await backend.ownerDatabase(ref);
  try {
    const { rows } = await sql<{ n: number }>`select n from public.migrated order by ctid`.execute(owner.db);
    return rows.map(({ n }) => n);
  } finally {
    await owner.release();
  }
}
