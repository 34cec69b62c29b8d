import type { Statement } from "@plinth/core";
import { isDeepStrictEqual } from "node:util";
import { LazyHeaders } from "../../../adapters/node/src/lazy-headers.ts";
import type { RestConfig } from "../../../packages/rest/src/config/rest-config.ts";
import { KnownRequests } from "../../../packages/rest/src/known-requests/known-requests.ts";
import { prepareRequest, type PreparedRequest } from "../../../packages/rest/src/known-requests/prepared-request.ts";
import { bodyKind } from "../../../packages/rest/src/request/body-kind.ts";
import type { ApiRequestInput } from "../../../packages/rest/src/request/parse-api-request.ts";
import type { Body } from "../../../packages/rest/src/request/read-body.ts";
import { readCsv } from "../../../packages/rest/src/request/read-csv.ts";
import type { SchemaCache } from "../../../packages/rest/src/schema-cache/schema-cache.ts";
import type { FuzzRequest } from "./fuzz-request.ts";
import { MARKED_NUMBER, MARKED_WORD } from "./values.ts";

const unmarked = (): void => undefined;

/** Everything that happens to a request before a database is asked. No statements: it needs none of its own. */
export function planOffline(sent: FuzzRequest, cache: SchemaCache, config: RestConfig): readonly Statement[] {
  const { query } = prepareRequest(inputOf(sent), cache, config, unmarked);
  if (query === undefined) return [];
  return query.explainCount === undefined ? [query.main] : [query.main, query.explainCount];
}

function inputOf(sent: FuzzRequest): ApiRequestInput {
  const headers = headersOf(sent);
  return { method: sent.method, path: sent.path, query: sent.query, headers, body: bodyOf(sent, headers) };
}

/** As a server's requests have them: undici's own take longer to make than the request takes to plan. */
function headersOf({ headers }: FuzzRequest): Headers {
  const record: Record<string, string> = {};
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    record[key] = record[key] === undefined ? value.trim() : `${record[key]}, ${value.trim()}`;
  }
  return new LazyHeaders(record) as unknown as Headers;
}

function bodyOf({ method, body = "" }: FuzzRequest, headers: Headers): Body {
  const kind = bodyKind(method, headers.get("content-type"));
  if (kind === "none") return undefined;
  if (kind === "bytes") return Buffer.from(body);
  const text = typeof body === "string" ? body : Buffer.from(body).toString();
  const read = kind === "csv" ? readCsv(text) : text;
  if (read instanceof Promise) throw new TypeError("Fuzzed CSV is short.");
  return read;
}

/** The same request with other values. */
const twinOf = (sent: FuzzRequest): FuzzRequest => ({ ...sent, query: revalued(sent.query), body: typeof sent.body === "string" ? revalued(sent.body) : sent.body });

const revalued = (text: string): string => text.replaceAll(MARKED_WORD, "TW1NS").replaceAll(MARKED_NUMBER, "81300128");

/** Whether requests are made the same thing of when others like them came before, as when they are the first. */
export class KnownTwins {
  readonly #known = new KnownRequests();
  readonly #cache: SchemaCache;
  readonly #config: RestConfig;

  constructor(cache: SchemaCache, config: RestConfig) {
    this.#cache = cache;
    this.#config = config;
  }

  /** @returns what is wrong, if anything is */
  problem(sent: FuzzRequest): string | undefined {
    const twin = twinOf(sent);
    // It takes the first to be seen, the second to be learnt and the third for the plan; the fourth comes of it.
    for (let times = 3; times > 0; times--) this.#made(sent);
    const afresh = outcome(() => prepareRequest(inputOf(twin), this.#cache, this.#config, unmarked));
    return isDeepStrictEqual(this.#made(twin), afresh) ? undefined : "is made something else of when requests like it were seen before";
  }

  #made(sent: FuzzRequest): unknown {
    return outcome(() => this.#known.prepare(inputOf(sent), this.#cache, this.#config, unmarked));
  }
}

function outcome(prepare: () => PreparedRequest): unknown {
  try {
    const { request, plan, query } = prepare();
    const { action, schema, topLevelRange, payload, preferences, accept, headers, cookies, queryParams, path } = request;
    return { action, schema, topLevelRange, payload, preferences, accept, headers, cookies, path, canonical: queryParams.canonical, mediaType: "mediaType" in plan ? plan.mediaType : plan.kind, query };
  } catch (error) {
    const { code, message, details, hint } = error as { code?: string; message: string; details?: unknown; hint?: unknown };
    return { code, message, details, hint };
  }
}
