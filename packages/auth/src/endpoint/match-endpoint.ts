import type { Endpoint } from "./endpoint.ts";

export interface MatchedEndpoint {
  readonly endpoint: Endpoint;
  readonly params: Readonly<Record<string, string>>;
}

/** What a path leads to: an endpoint, or the methods that it has instead. */
export type EndpointMatch = MatchedEndpoint | { readonly allowed: readonly string[] };

interface Pattern {
  readonly endpoint: Endpoint;
  readonly parts: readonly string[];
}

/** Finds endpoints by method and path. A slash at the end doesn't count. */
export class EndpointTable {
  readonly #patterns: readonly Pattern[];

  constructor(endpoints: readonly Endpoint[]) {
    this.#patterns = endpoints.map((endpoint) => ({ endpoint, parts: endpoint.path.split("/").slice(1) }));
  }

  find(method: string, path: string): EndpointMatch {
    const given = path.replace(/\/+$/, "").split("/").slice(1).map(decode);
    const found = this.#patterns.map((pattern) => ({ pattern, params: matchParts(pattern.parts, given) })).filter(({ params }) => params !== undefined);
    const asked = method === "HEAD" ? "GET" : method;
    const match = found.find(({ pattern }) => pattern.endpoint.method === asked);
    if (match) return { endpoint: match.pattern.endpoint, params: match.params! };
    return { allowed: [...new Set(found.map(({ pattern }) => pattern.endpoint.method))] };
  }
}

function matchParts(pattern: readonly string[], given: ReadonlyArray<string | undefined>): Record<string, string> | undefined {
  if (pattern.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const value = given[index];
    if (value === undefined) return undefined;
    if (part.startsWith(":")) params[part.slice(1)] = value;
    else if (part !== value) return undefined;
  }
  return params;
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
