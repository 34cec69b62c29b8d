import { sql } from "kysely";
import type { Backend } from "plinth";
import { until } from "../../../scenarios/support/until.ts";

/** A project that is there all the time, and what it was told that it has. */
export interface Resident {
  ref: string;
  readonly serviceRoleKey: string;
  readonly rows: Set<number>;
}

const at = (backend: Backend, key: string, path: string, init: RequestInit = {}) =>
  backend.fetch(`http://backend/rest/v1/${path}`, { ...init, headers: { apikey: key, "content-type": "application/json" } });

/** @returns the numbers of its rows, as soon as it is served; the code of the refusal where it is paused */
export function readRows(backend: Backend, serviceRoleKey: string, table = "notes"): Promise<readonly number[] | "PLINTH_PROJECT_PAUSED"> {
  return until(async () => {
    const response = await at(backend, serviceRoleKey, `${table}?select=*`);
    const body: unknown = await response.json();
    if (response.status === 200) return (body as Array<Record<string, number>>).map((row) => Object.values(row)[0] as number);
    const { code } = body as { code: string };
    if (code === "PLINTH_PROJECT_PAUSED") return code;
    // On its way, or not up again yet.
    if (response.status === 503) return false;
    throw new Error(`${response.status} ${JSON.stringify(body)}`);
  }, 30_000);
}

/** @throws where it is not acknowledged */
export async function writeRow(backend: Backend, { serviceRoleKey, rows }: Resident): Promise<void> {
  const id = Math.max(0, ...rows) + 1;
  const response = await at(backend, serviceRoleKey, "notes", { method: "POST", body: JSON.stringify({ id }) });
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
  rows.add(id);
}

export async function createResident(backend: Backend, ref: string): Promise<Resident> {
  const { serviceRoleKey } = await backend.projects.create({ ref, name: ref });
  const owner = await backend.ownerDatabase(ref);
  await sql`create table public.notes (id int primary key, filler text not null default repeat('x', 200))`.execute(owner.db);
  await sql`insert into public.notes select generate_series(1, 200)`.execute(owner.db);
  await owner.release();
  return { ref, serviceRoleKey, rows: new Set(Array.from({ length: 200 }, (_, number) => number + 1)) };
}
