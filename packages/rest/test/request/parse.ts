import { BackendError } from "@plinth/core";
import type { RestConfig } from "../../src/config/rest-config.ts";
import type { ApiRequest } from "../../src/request/api-request.ts";
import { parseApiRequest } from "../../src/request/parse-api-request.ts";
import type { Body } from "../../src/request/read-body.ts";
import { TEST_CONFIG } from "../support/rest-config.ts";

export const CONFIG: RestConfig = { ...TEST_CONFIG, extraSearchPath: ["public"] };

export interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Body;
  readonly config?: Partial<RestConfig>;
}

/** The request for a path with its query, e.g. `/items?id=eq.1`. */
export function parse(url: string, sent: Sent = {}): ApiRequest {
  const [path = "/", ...query] = url.split("?");
  const input = { method: sent.method ?? "GET", path, query: query.join("?"), headers: new Headers(sent.headers), body: sent.body };
  return parseApiRequest(input, { ...CONFIG, ...sent.config });
}

/** What PostgREST's body for the error has, and its status. */
export interface ErrorFacts {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly details: unknown;
  readonly hint: string | null;
}

export function errorOf(attempt: () => unknown): ErrorFacts | undefined {
  try {
    attempt();
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    const { status, code, message, details, hint } = error;
    return { status, code, message, details, hint };
  }
  return undefined;
}

/** A PGRST100 for a query parameter. */
export function grammarError(subject: string, position: string, details: string): ErrorFacts {
  return { status: 400, code: "PGRST100", message: `"failed to parse ${subject}" (${position})`, details, hint: null };
}
