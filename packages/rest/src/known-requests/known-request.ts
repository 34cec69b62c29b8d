import type { RestConfig } from "../config/rest-config.ts";
import type { ApiRequest } from "../request/api-request.ts";
import { type ApiRequestInput, clientHeaders, parseApiRequest } from "../request/parse-api-request.ts";
import { parsePayload, takesPayload } from "../request/parse-payload.ts";
import { canonicalQuery, encodeText, parseQueryString } from "../request/query-string.ts";
import { queryParamError } from "../errors/api-request-errors.ts";
import type { SchemaCache } from "../schema-cache/schema-cache.ts";
import { type CutQuery, withValues } from "./cut-query.ts";
import { KnownPlan } from "./known-plan.ts";
import { type PreparedRequest, prepareRequest, type StageMark } from "./prepared-request.ts";
import { bodyKey } from "./request-key.ts";
import { fillText, markerOf, type TextTemplate, textTemplate } from "./slots.ts";

/** What is the same in all requests of one key. */
interface Frame {
  readonly request: ApiRequest;
  readonly canonical: TextTemplate;
}

/** Bodies of one request differ in their keys; somebody who makes up ever new ones is not followed. */
const MAX_PLANS = 20;

/** The requests of one key: read from a frame, and planned once for each set of keys of their bodies. */
export class KnownRequest {
  readonly #frame: Frame | undefined;
  readonly #plans = new Map<string, KnownPlan | "unfit">();

  /** @param input any of those requests, which has been parsed without an error */
  constructor(input: ApiRequestInput, query: CutQuery, config: RestConfig) {
    this.#frame = unlessItFails(() => frameOf(input, query, config));
  }

  /** @throws as `prepareRequest` */
  prepare(input: ApiRequestInput, query: CutQuery, cache: SchemaCache, config: RestConfig, mark: StageMark): PreparedRequest {
    const request = this.#frame && requestFrom(this.#frame, input, query);
    const key = request && bodyKey(request);
    const known = key === undefined ? "unfit" : this.#plans.get(key);
    if (request !== undefined && known instanceof KnownPlan) {
      mark("parse");
      const prepared = known.prepare(request, query.values);
      mark("plan");
      return prepared;
    }
    const prepared = prepareRequest(input, cache, config, mark);
    if (known === undefined && key !== undefined && this.#plans.size < MAX_PLANS) {
      this.#plans.set(key, unlessItFails(() => KnownPlan.learn(prepared, query.values, () => prepareMarked(input, query, cache, config))) ?? "unfit");
    }
    return prepared;
  }
}

/** What is wrong with a request of markers is no fault of the one that was answered: its like are not learnt. */
function unlessItFails<T>(learn: () => T | undefined): T | undefined {
  try {
    return learn();
  } catch {
    return undefined;
  }
}

const markersOf = ({ values }: CutQuery): string[] => values.map((_value, index) => markerOf(index));

/** The same with markers for values, and another body that says the same. */
const markedInput = (input: ApiRequestInput, query: CutQuery): ApiRequestInput => ({
  ...input,
  query: withValues(query, markersOf(query)),
  // Nothing is a body that routines take; a blank is none.
  body: typeof input.body === "string" && input.body !== "" ? `${input.body} ` : input.body,
});

function prepareMarked(input: ApiRequestInput, query: CutQuery, cache: SchemaCache, config: RestConfig) {
  return { prepared: prepareRequest(markedInput(input, query), cache, config, () => undefined), values: markersOf(query) };
}

/** @returns undefined for requests whose plans depend on more than their keys */
function frameOf(input: ApiRequestInput, query: CutQuery, config: RestConfig): Frame | undefined {
  const marked = markedInput(input, query);
  const request = parseApiRequest(marked, config);
  const { action, contentType, queryParams } = request;
  if (takesPayload(action) && contentType.kind !== "json") return undefined;
  if (action.kind === "relationMutate" && action.mutation === "singleUpsert") return undefined;
  const pairs = parseQueryString(marked.query, (problem) => queryParamError("failed to decode the query string", problem));
  return { request: { ...request, queryParams: { ...queryParams } as ApiRequest["queryParams"] }, canonical: textTemplate(canonicalQuery(pairs)) };
}

function requestFrom({ request, canonical }: Frame, input: ApiRequestInput, { values }: CutQuery): ApiRequest {
  return {
    ...request,
    ...clientHeaders(input.headers),
    ...parsePayload(input.body, request.contentType, request.action, request.queryParams),
    queryParams: { ...request.queryParams, canonical: fillText(canonical, (place) => encodeText(values[place] ?? "")) },
  };
}
