import { setTimeout as sleep } from "node:timers/promises";
import type { Backend } from "plinth";
import type { BenchProject } from "./make-projects.ts";

export interface LoadResult {
  /** Milliseconds, by the project's rank. */
  readonly latencies: ReadonlyMap<number, readonly number[]>;
  /** Milliseconds of the first request that a project ever had, made while the load was on. */
  readonly firsts: readonly number[];
  readonly errors: ReadonlyMap<string, number>;
  readonly seconds: number;
}

export interface LoadOptions {
  /** Ours, or what it is compared with. */
  readonly backend: { fetch(input: string, init: { readonly headers: { readonly apikey: string } }): Promise<Response> };
  readonly projects: readonly BenchProject[];
  /** Projects that nobody asks but for one first request each. */
  readonly untouched: readonly BenchProject[];
  readonly nextRank: () => number;
  readonly seconds: number;
  readonly demand: Demand;
}

/**
 * So many clients, each with its next request as soon as it has had an answer: what the backend can bear. Or so many
 * requests a second, at random moments and whether others were answered or not: what users see.
 */
export type Demand = { readonly clients: number } | { readonly perSecond: number };

export async function runLoad({ backend, projects, untouched, nextRank, seconds, demand }: LoadOptions): Promise<LoadResult> {
  const latencies = new Map<number, number[]>();
  const firsts: number[] = [];
  const errors = new Map<string, number>();
  const ask = async ({ key }: BenchProject): Promise<number> => {
    const began = performance.now();
    const response = await backend.fetch(`http://backend/rest/v1/item?id=eq.${1 + (began % 100 | 0)}`, { headers: { apikey: key } });
    const body = await response.text();
    if (response.status !== 200) errors.set(`${response.status} ${body}`, (errors.get(`${response.status} ${body}`) ?? 0) + 1);
    return performance.now() - began;
  };
  const start = performance.now();
  const end = start + seconds * 1_000;
  const askNext = async (): Promise<void> => {
    const rank = nextRank();
    const took = await ask(projects[rank]!);
    const known = latencies.get(rank);
    if (known) known.push(took);
    else latencies.set(rank, [took]);
  };
  const client = async (): Promise<void> => {
    while (performance.now() < end) await askNext();
  };
  const arrivals = async (perSecond: number): Promise<void> => {
    const answers: Array<Promise<void>> = [];
    for (let at = start; at < end; at -= (Math.log(1 - Math.random()) * 1_000) / perSecond) {
      const early = at - performance.now();
      if (early > 0) await sleep(early);
      answers.push(askNext());
    }
    await Promise.all(answers);
  };
  const newcomers = async (): Promise<void> => {
    for (const [i, project] of untouched.entries()) {
      await sleep(Math.max(0, start + ((i + 1) * (end - start)) / (untouched.length + 1) - performance.now()));
      void ask(project).then((took) => firsts.push(took));
    }
  };
  await Promise.all([newcomers(), ...("clients" in demand ? Array.from({ length: demand.clients }, client) : [arrivals(demand.perSecond)])]);
  return { latencies, firsts, errors, seconds: (performance.now() - start) / 1_000 };
}

/** Has every project asked for once, so that what is known of its schema is known. */
export async function visitAll(backend: Backend, projects: readonly BenchProject[], concurrency: number): Promise<void> {
  let next = 0;
  const visit = async (): Promise<void> => {
    for (let project = projects[next++]; project; project = projects[next++]) await (await backend.fetch("http://backend/rest/v1/item?limit=1", { headers: { apikey: project.key } })).text();
  };
  await Promise.all(Array.from({ length: concurrency }, visit));
}
