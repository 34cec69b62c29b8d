import { LRUCache } from "lru-cache";
import type { RestConfig } from "../config/rest-config.ts";
import type { ApiRequestInput } from "../request/parse-api-request.ts";
import type { SchemaCache } from "../schema-cache/schema-cache.ts";
import { cutQuery } from "./cut-query.ts";
import { KnownRequest } from "./known-request.ts";
import { type PreparedRequest, prepareRequest, type StageMark } from "./prepared-request.ts";
import { requestKey } from "./request-key.ts";

/** Requests kept, of all projects; each takes some ten kilobytes. */
const MAX_KNOWN = 1_000;
/** Requests that have been seen once, of which only the keys are kept. */
const MAX_SEEN = 4_000;
/** In characters. Longer ones hardly come again. */
const MAX_QUERY_LENGTH = 4_000;

/**
 * What parsing and planning made of requests, for those to come that differ from them in values alone: clients ask the
 * same things all the time. A request is learnt when it comes a second time. Nothing is kept of anybody's values.
 */
export class KnownRequests {
  readonly #known = new LRUCache<string, KnownRequest>({ max: MAX_KNOWN });
  readonly #seen = new LRUCache<string, true>({ max: MAX_SEEN });
  /** A name for each pair of schema cache and configuration, by which requests are planned. */
  readonly #places = new WeakMap<SchemaCache, WeakMap<RestConfig, string>>();
  #count = 0;

  /**
   * Reads, plans and writes the statement of a request, or finds it known.
   * @throws BackendError of the groups PGRST1xx and PGRST2xx
   */
  prepare(input: ApiRequestInput, cache: SchemaCache, config: RestConfig, mark: StageMark): PreparedRequest {
    const query = typeof input.body === "object" || input.query.length > MAX_QUERY_LENGTH ? undefined : cutQuery(input.query);
    if (query === undefined) return prepareRequest(input, cache, config, mark);
    const key = this.#placeOf(cache, config) + requestKey(input, query.shape);
    const known = this.#known.get(key);
    if (known) return known.prepare(input, query, cache, config, mark);
    const prepared = prepareRequest(input, cache, config, mark);
    if (!this.#seen.has(key)) this.#seen.set(key, true);
    else if (prepared.query !== undefined) this.#known.set(key, new KnownRequest(input, query, config));
    return prepared;
  }

  #placeOf(cache: SchemaCache, config: RestConfig): string {
    let places = this.#places.get(cache);
    if (places === undefined) this.#places.set(cache, (places = new WeakMap()));
    let place = places.get(config);
    if (place === undefined) places.set(config, (place = `${this.#count++}\0`));
    return place;
  }
}
