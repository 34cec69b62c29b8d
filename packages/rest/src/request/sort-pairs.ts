import type { QueryPair } from "./query-string.ts";

type Pair = readonly [name: string, value: string];
type Reserved = "select" | "columns" | "on_conflict";

/** Which parameters are what, by the last word of their name: `rel.order` is an order as well. Those without "=" are dropped. */
export interface SortedPairs {
  readonly order: readonly Pair[];
  readonly limit: readonly Pair[];
  readonly offset: readonly Pair[];
  readonly logic: readonly Pair[];
  readonly filter: readonly Pair[];
  /** Only for the top level, and the first of each counts. */
  readonly reserved: { readonly [K in Reserved]: string | undefined };
}

const RESERVED: ReadonlyMap<string, Reserved> = new Map([["select", "select"], ["columns", "columns"], ["on_conflict", "on_conflict"]]);

const EMBEDDABLE: ReadonlyMap<string, "order" | "limit" | "offset" | "logic"> = new Map([
  ["order", "order"], ["limit", "limit"], ["offset", "offset"], ["and", "logic"], ["or", "logic"],
]);

export function sortPairs(pairs: readonly QueryPair[]): SortedPairs {
  const sorted = { order: [] as Pair[], limit: [] as Pair[], offset: [] as Pair[], logic: [] as Pair[], filter: [] as Pair[] };
  for (const [name, value] of pairs) {
    if (value === undefined || RESERVED.has(name)) continue;
    const kind = EMBEDDABLE.get(name.slice(name.lastIndexOf(".") + 1)) ?? "filter";
    sorted[kind].push([name, value]);
  }
  return { ...sorted, reserved: reservedOf(pairs) };
}

function reservedOf(pairs: readonly QueryPair[]): SortedPairs["reserved"] {
  const reserved: { [K in Reserved]: QueryPair | undefined } = { select: undefined, columns: undefined, on_conflict: undefined };
  for (const pair of pairs) {
    const name = RESERVED.get(pair[0]);
    if (name !== undefined) reserved[name] ??= pair;
  }
  return { select: reserved.select?.[1], columns: reserved.columns?.[1], on_conflict: reserved.on_conflict?.[1] };
}
