import { LRUCache } from "lru-cache";
import pg from "pg";
import type { BenchProject } from "./make-projects.ts";

interface Entry {
  readonly pool: pg.Pool;
  inFlight: number;
  /** To be ended once nobody waits in it. */
  isOver: boolean;
}

/**
 * What is usually written by hand, to compare with: a pool of one connection for each database, and the one that was not
 * used for longest closed when there are too many. It answers what `runLoad` asks, without rights or rows' policies.
 */
export function naivePools(url: string, projects: readonly BenchProject[], maxPools: number): { fetch(input: string, init: { readonly headers: { readonly apikey: string } }): Promise<Response>; close(): Promise<void> } {
  const refs = new Map(projects.map(({ key, ref }) => [key, ref]));
  const ending = new Set<Promise<void>>();
  const end = (entry: Entry): void => {
    // A pool that is ended never answers those that wait in it.
    if (entry.inFlight > 0) return void (entry.isOver = true);
    const ended = entry.pool.end().catch(() => undefined);
    ending.add(ended);
    void ended.then(() => ending.delete(ended));
  };
  const pools = new LRUCache<string, Entry>({ max: maxPools, dispose: end });
  const entryOf = (ref: string): Entry => {
    const known = pools.get(ref);
    if (known) return known;
    const pool = new pg.Pool({ connectionString: Object.assign(new URL(url), { pathname: `/plinth_${ref}` }).href, max: 1 });
    pool.on("error", () => undefined);
    const entry: Entry = { pool, inFlight: 0, isOver: false };
    pools.set(ref, entry);
    return entry;
  };
  return {
    fetch: async (input, { headers: { apikey } }) => {
      const id = new URL(input).searchParams.get("id")?.replace("eq.", "");
      const entry = entryOf(refs.get(apikey) ?? "");
      entry.inFlight++;
      try {
        const { rows } = await entry.pool.query<{ body: string }>("select coalesce(json_agg(item), '[]')::text as body from item where id = $1", [id]);
        return new Response(rows[0]?.body ?? "[]");
      } catch (error) {
        return new Response((error as Error).message, { status: 500 });
      } finally {
        entry.inFlight--;
        if (entry.isOver && entry.inFlight === 0) end(entry);
      }
    },
    close: async () => {
      pools.clear();
      await Promise.all(ending);
    },
  };
}
