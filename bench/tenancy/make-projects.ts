import type { Backend } from "plinth";

export interface BenchProject {
  readonly ref: string;
  readonly key: string;
}

const SCHEMA = "create table public.item (id int primary key, name text not null); insert into item select i, 'item ' || i from generate_series(1, 100) i; grant select on item to anon;";

/** Makes the projects that are not there yet, a few at a time. @returns all of them, in the order of their numbers */
export async function makeProjects(backend: Backend, count: number, concurrency: number): Promise<{ readonly projects: readonly BenchProject[]; readonly made: number; readonly seconds: number }> {
  const projects: BenchProject[] = [];
  let made = 0;
  let next = 0;
  const start = performance.now();
  const work = async (): Promise<void> => {
    for (let number = next++; number < count; number = next++) {
      const ref = `p${number}`;
      const known = await backend.projects.get(ref).catch(() => undefined);
      projects[number] = { ref, key: known?.anonKey ?? (await make(backend, ref)) };
      if (known === undefined) made++;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return { projects, made, seconds: (performance.now() - start) / 1_000 };
}

async function make(backend: Backend, ref: string): Promise<string> {
  const { anonKey } = await backend.projects.create({ ref });
  const owner = await backend.ownerDatabase(ref);
  try {
    await owner.script(SCHEMA);
  } finally {
    await owner.release();
  }
  return anonKey;
}
