import { LRUCache } from "lru-cache";
import pg from "pg";
import type { BenchProject } from "./make-projects.ts";

/**
 * What is usually written by hand, to compare with: a pool of one connection for each database, and the one that was not
 * used for longest closed when there are too many. It answers what `runLoad` asks, without rights or rows' policies.
 */
export function naivePools(url: string, projects: readonly BenchProject[], maxPools: number): { fetch(input: string, init: { readonly headers: { readonly apikey: string } }): Promise<Response>; close(): Promise<void> } {
  const refs = new Map(projects.map(({ key, ref }) => [key, ref]));
  const ending = new Set<Promise<void>>();
  const end = (pool: pg.Pool): void => {
    const ended = pool.end().catch(() => undefined);
    ending.add(ended);
    void ended.then(() => ending.delete(ended));
  };
  const pools = new LRUCache<string, pg.Pool>({ max: maxPools, dispose: end });
  const poolOf = (ref: string): pg.Pool => {
    const known = pools.get(ref);
    if (known) return known;
    const pool = new pg.Pool({ connectionString: Object.assign(new URL(url), { pathname: `/plinth_${ref}` }).href, max: 1 });
    pool.on("error", () => undefined);
    pools.set(ref, pool);
    return pool;
  };
  return {
    fetch: async (input, { headers: { apikey } }) => {
      const id = new URL(input).searchParams.get("id")?.replace("eq.", "");
      try {
        const { rows } = await poolOf(refs.get(apikey) ?? "").query<{ body: string }>("select coalesce(json_agg(item), '[]')::text as body from item where id = $1", [id]);
        return new Response(rows[0]?.body ?? "[]");
      } catch (error) {
        return new Response((error as Error).message, { status: 500 });
      }
    },
    close: async () => {
      pools.clear();
      await Promise.all(ending);
    },
  };
}
